// Many threads ask over links that are cut under them: every question ends, once.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/support/test_node.hpp"

namespace graphrag {
namespace {

using namespace std::chrono_literals;
using runtime::NodeOrdinal;

struct Member {
  Member(NodeOrdinal ordinal, const std::filesystem::path& certificates) {
    link = std::move(*cluster::Link::open(test::node_options(ordinal),
                                          *cluster::make_tls_wires(test::tls_files(certificates))));
    requests = std::make_unique<cluster::PeerRequests>(*link, clock);
    requests->on_request(
        [](cluster::Incoming in, cluster::Answer answer) { answer.fulfil(std::move(in.body)); });
    link->on_tick([this] { requests->expire(); });
  }
  ~Member() {
    link = nullptr;
    requests = nullptr;
  }
  runtime::SystemClock clock;
  std::unique_ptr<cluster::Link> link;
  std::unique_ptr<cluster::PeerRequests> requests;
};

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(Churn, EveryRequestEndsOnceWhileLinksAreCut) {
  test::ScratchFolder scratch;
  const test::TestAuthority authority;
  const auto before = open_descriptors();
  std::atomic<std::uint64_t> asked{0}, answered{0}, failed{0}, wrong{0};
  {
    std::map<NodeOrdinal, std::unique_ptr<Member>> members;
    std::vector<cluster::PeerAddress> addresses;
    for (NodeOrdinal i = 1; i <= 3; ++i) {
      const auto folder = scratch.path() / std::to_string(i);
      authority.issue(folder, test::name_of(i));
      members[i] = std::make_unique<Member>(i, folder);
      addresses.push_back(test::address_of(i, members[i]->link->port()));
    }
    for (auto& [ordinal, member] : members) {
      member->link->set_peers(addresses);
      member->link->start();
    }
    std::atomic<bool> over{false};
    std::vector<std::thread> askers;
    for (NodeOrdinal i = 1; i <= 3; ++i)
      askers.emplace_back([&, i] {
        std::mt19937 random{i};
        auto& own = *members.at(i);
        while (!over) {
          if (asked - answered - failed > 500) { // no more than can be under way
            std::this_thread::yield();
            continue;
          }
          const auto to = 1 + (i + random() % 2) % 3;
          const auto body = std::to_string(random());
          ++asked;
          own.requests->request(to, "echo", body, own.clock.now() + 10s,
                                cluster::Answer{[&, body](runtime::Result<std::string> result) {
                                  if (result && *result != body) ++wrong;
                                  ++(result ? answered : failed);
                                }});
        }
      });
    std::mt19937 random{7};
    const auto give_up = std::chrono::steady_clock::now() + test::patience;
    for (std::uint64_t cuts = 0; cuts < 30 && std::chrono::steady_clock::now() < give_up;) {
      const auto goal = answered + 200; // some traffic between any two cuts
      while (answered < goal && std::chrono::steady_clock::now() < give_up)
        std::this_thread::yield();
      members.at(1 + random() % 3)->link->cut(1 + random() % 3);
      ++cuts;
    }
    over = true;
    for (auto& asker : askers) asker.join();
  } // what is still pending ends here
  EXPECT_EQ(asked, answered + failed);
  EXPECT_GT(answered, 1000U);
  EXPECT_GT(failed, 0U);
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(open_descriptors(), before);
}

} // namespace
} // namespace graphrag
