// What comes from outside of a cluster: strangers at every port, a disk that is full, a database
// that is gone for long.
#include <arpa/inet.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>

#include "cluster_chaos.hpp"
#include "tests/support/small_disk.hpp"

namespace graphrag::test {
namespace {

using FullClusterOutsideChaos = ClusterFixture;

// Knocks at one port, a bounded number of connections at once: bytes without sense, requests that
// break off, and silence.
class Stranger {
public:
  static constexpr std::size_t most_open = 20;
  Stranger(unsigned short port, std::uint32_t seed) : port_(port), random_(seed) {
    thread_ = std::thread([this] { run(); });
  }
  ~Stranger() {
    stop_ = true;
    thread_.join();
  }
  std::size_t opened() const { return opened_; }
  std::size_t ended() const { return ended_; } // connections that the server has answered or closed

private:
  runtime::UniqueFd open() const {
    runtime::UniqueFd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
    return fd;
  }
  std::string garbage() {
    switch (random_() % 4) {
    case 0:
      return ""; // silence
    case 1:
      return "POST /api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"que";
    case 2:
      return "GET / HTTP/1.1\r\nHost x\r\n\r\n";
    default:
      std::string bytes(1 + random_() % 2000, '\0');
      for (auto& byte : bytes) byte = static_cast<char>(random_());
      return bytes;
    }
  }
  void run() {
    std::vector<runtime::UniqueFd> connections;
    while (!stop_) {
      if (connections.size() == most_open) { // the one that waits longest makes room
        char answer[1000];
        if (::recv(connections.front().get(), answer, sizeof answer, 0) >= 0 || errno != EAGAIN)
          ++ended_;
        connections.erase(connections.begin());
      }
      connections.push_back(open());
      pollfd writable{connections.back().get(), POLLOUT, 0};
      if (::poll(&writable, 1, 1000) != 1) continue;
      const auto bytes = garbage();
      (void)::send(connections.back().get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ++opened_;
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }

  unsigned short port_;
  std::mt19937 random_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> opened_{0}, ended_{0};
  std::thread thread_;
};

TEST_F(FullClusterOutsideChaos, StrangersKnockAtEveryPort) {
  begin_load();
  more_load();
  const auto view = view_of(0);
  {
    std::vector<std::unique_ptr<Stranger>> strangers;
    std::uint32_t seed = 0;
    for (std::size_t i = 0; i < 3; ++i)
      for (const auto at : {cluster_->gateway(i), cluster_->admin(i), cluster_->link(i)})
        strangers.push_back(std::make_unique<Stranger>(at.port, ++seed));
    for (const auto& stranger : strangers)
      EXPECT_TRUE(eventually([&] { return stranger->ended() >= 50; }))
          << stranger->opened() << " opened, " << stranger->ended() << " ended";
    more_load();
  }
  more_load();
  EXPECT_EQ(view_of(0), view) << "nobody was disturbed";
  none_failed(end_of_load());
}

TEST_F(FullClusterOutsideChaos, TheDiskOfANodeIsFull) {
  EXPECT_EQ(cluster_->stop(1), 0);
  const SmallDisk disk{cluster_->folder_of(1) / "data", 16};
  if (!disk.ready()) GTEST_SKIP() << "NOT TESTED: a full disk of a node. " << disk.error();
  restart(1);
  expect_settled();
  begin_load();
  more_load();
  say("the disk of node 1 is full");
  disk.fill();
  EXPECT_LT(disk.free_bytes(), 4096U);
  more_load();
  more_load();
  say("node 1 is killed with a full disk");
  kill(1);
  restart(1);
  expect_settled();
  more_load();
  EXPECT_LT(disk.free_bytes(), 4096U) << "full all the time";
  disk.remove_filler();
  more_load();
  none_failed(end_of_load());
}

// Questions go on for as long as docs/cluster.md promises (outage_reads after the lease),
// then stop, and all goes on by itself when the database is back.
TEST_F(FullClusterOutsideChaos, TheDatabaseIsGoneForAMinute) {
  begin_load(std::chrono::milliseconds{2});
  more_load();
  say("the database is killed");
  const auto began = std::chrono::steady_clock::now();
  cluster_->database().kill();
  std::this_thread::sleep_for(seconds(25)); // with the next, the fault itself
  EXPECT_EQ(load_->failed_so_far().size(), 0U) << "questions go on";
  ASSERT_TRUE(eventually([&] {
    return !cluster_->ready(0) && !cluster_->ready(1) && !cluster_->ready(2);
  })) << "without the database nobody may answer for ever";
  std::this_thread::sleep_until(began + seconds(60));
  say("the database is started");
  cluster_->database().start();
  expect_settled();
  more_load();
  end_of_load();
}

} // namespace
} // namespace graphrag::test
