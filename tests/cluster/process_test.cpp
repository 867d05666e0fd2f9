// Nodes as processes: killed, stopped, restarted, and each process 1 of its own world.
#include <gtest/gtest.h>

#include <csignal>

#include "child_node.hpp"
#include "tests/support/test_node.hpp"

namespace graphrag {
namespace {

using namespace std::chrono_literals;
using runtime::Errc;
using test::ChildNode;
using test::TestNode;

class ProcessTest : public testing::Test {
protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN); // pipes to children that were killed
    for (runtime::NodeOrdinal i = 1; i <= 3; ++i) authority_.issue(folder(i), test::name_of(i));
  }
  std::string folder(runtime::NodeOrdinal i) const { return scratch_.path() / std::to_string(i); }
  std::unique_ptr<ChildNode> spawn(runtime::NodeOrdinal i, bool own_pids = false) {
    return std::make_unique<ChildNode>(i, folder(i), own_pids);
  }

  test::TestAuthority authority_;
  test::ScratchFolder scratch_;
};

// The test's own process is node 1, with requests; the children accept.
class WithRequests : public ProcessTest {
protected:
  void SetUp() override {
    ProcessTest::SetUp();
    auto options = test::node_options(1);
    options.times = test::fault_times();
    link_ = std::move(*cluster::Link::open(std::move(options),
                                           *cluster::make_tls_wires(test::tls_files(folder(1)))));
    requests_ = std::make_unique<cluster::PeerRequests>(*link_, clock_);
    requests_->on_peer([this](const runtime::PeerEvent& event) {
      const std::lock_guard lock{mutex_};
      (event.up ? ups_ : losses_)[event.peer] += 1;
      changed_.notify_all();
    });
    link_->on_tick([this] { requests_->expire(); });
    link_->start();
  }
  void TearDown() override {
    link_ = nullptr;
    requests_ = nullptr;
  }
  void meet(std::map<runtime::NodeOrdinal, ChildNode*> children) {
    std::vector<cluster::PeerAddress> peers;
    for (const auto& [ordinal, child] : children) {
      peers.push_back(test::address_of(ordinal, child->port()));
      child->tell("peers 1:" + std::to_string(link_->port()));
    }
    link_->set_peers(peers);
  }
  bool wait(const std::function<bool()>& holds) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, test::patience, holds);
  }
  bool wait_up(runtime::NodeOrdinal peer, int times = 1) {
    return wait([&] { return ups_[peer] >= times; });
  }
  bool wait_lost(runtime::NodeOrdinal peer, int times = 1) {
    return wait([&] { return losses_[peer] >= times; });
  }
  void ask(runtime::NodeOrdinal peer, const std::string& kind, const std::string& body) {
    requests_->request(peer, kind, body, clock_.now() + 60s,
                       cluster::Answer{[this](runtime::Result<std::string> result) {
                         const std::lock_guard lock{mutex_};
                         answers_.push_back(result ? *result
                                                   : std::string{to_string(result.error().code)});
                         changed_.notify_all();
                       }});
  }
  bool wait_answers(std::size_t count) {
    return wait([&] { return answers_.size() >= count; });
  }

  runtime::SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<runtime::NodeOrdinal, int> ups_, losses_;
  std::vector<std::string> answers_;
  std::unique_ptr<cluster::Link> link_;
  std::unique_ptr<cluster::PeerRequests> requests_;
};

TEST_F(WithRequests, AKilledPeerFailsWhatWasPendingAndComesBackUnderTheSameOrdinal) {
  auto two = spawn(2), three = spawn(3);
  meet({{2, two.get()}, {3, three.get()}});
  ASSERT_TRUE(wait_up(2) && wait_up(3));
  ask(2, "echo", "hello");
  ASSERT_TRUE(wait_answers(1));
  EXPECT_EQ(answers_[0], "hello");
  for (int i = 0; i < 20; ++i) ask(2, "hold", "x");
  two->kill9();
  // Their deadline is a minute off: only the loss of the peer can end them within the patience.
  ASSERT_TRUE(wait_answers(21));
  for (std::size_t i = 1; i < 21; ++i) EXPECT_EQ(answers_[i], "lost");
  EXPECT_EQ(requests_->pending(), 0U);

  two = spawn(2);
  meet({{2, two.get()}, {3, three.get()}});
  ASSERT_TRUE(wait_up(2, 2));
  ask(2, "echo", "again");
  ASSERT_TRUE(wait_answers(22));
  EXPECT_EQ(answers_[21], "again");
  const std::lock_guard lock{mutex_};
  EXPECT_EQ(losses_[3], 0);
}

// A node that was stopped for longer than its peers wait must not act on what lies in its buffers.
TEST_F(WithRequests, AfterAStopNothingStaleIsExecuted) {
  auto two = spawn(2);
  meet({{2, two.get()}});
  ASSERT_TRUE(wait_up(2));
  for (int round = 1; round <= 4; ++round) {
    two->stop();
    for (int i = 0; i < 50; ++i) // taken: nobody knows yet that the peer stands still
      ASSERT_TRUE(link_->send({0, 2, 0, 0, "note", "stale"}));
    ask(2, "echo", "stale too");
    ASSERT_TRUE(wait_lost(2, round));
    ASSERT_TRUE(wait_answers(static_cast<std::size_t>(round)));
    EXPECT_EQ(answers_.back(), "lost");
    two->go_on();
    ASSERT_TRUE(wait_up(2, round + 1));
    ASSERT_TRUE(link_->send({0, 2, 0, 0, "note", "fresh"}));
    ASSERT_TRUE(two->wait_count("got fresh", static_cast<std::size_t>(round)));
    EXPECT_EQ(two->count("got stale"), 0U);
  }
}

TEST_F(WithRequests, AStoppedPeerIsOverloadedAtTheBoundAndThenLost) {
  auto two = spawn(2);
  meet({{2, two.get()}});
  ASSERT_TRUE(wait_up(2));
  two->stop();
  const std::string large(runtime::max_envelope_bytes, 'x');
  std::size_t taken = 0;
  runtime::Status sent;
  while ((sent = link_->send({0, 2, 0, 0, "note", large}))) ++taken;
  // Refused by the bound, or since the peer was given up in between.
  EXPECT_TRUE(sent.error().code == Errc::overloaded || sent.error().code == Errc::unavailable);
  EXPECT_LE(taken * large.size(), std::size_t{32} << 20); // queue, window, and the kernel's buffers
  EXPECT_TRUE(wait_lost(2));
  two->go_on();
  EXPECT_TRUE(wait_up(2, 2));
}

TEST_F(WithRequests, EveryNodeIsProcessOneOfItsOwnWorld) {
  auto two = spawn(2, true), three = spawn(3, true);
  if (two->port() == 0) GTEST_SKIP() << "this machine permits no PID namespaces: NOT TESTED";
  ASSERT_NE(three->port(), 0);
  EXPECT_NE(two->wait_for("incarnation "), three->wait_for("incarnation "));
  meet({{2, two.get()}, {3, three.get()}});
  const auto port = [](ChildNode& child) { return std::to_string(child.port()); };
  const auto own = std::to_string(link_->port());
  two->tell("peers 1:" + own + ",3:" + port(*three));
  three->tell("peers 1:" + own + ",2:" + port(*two));
  ASSERT_TRUE(wait_up(2) && wait_up(3));
  ASSERT_TRUE(two->wait_count("up 3", 1) && three->wait_count("up 2", 1));
  two->tell("ask 3 echo hello 20000");
  EXPECT_EQ(two->wait_for("answer "), "hello");

  // Restarted, it is process 1 again, at the same ordinal, and still somebody else.
  const auto before = two->wait_for("incarnation ");
  two->kill9();
  ASSERT_TRUE(three->wait_count("lost 2", 1));
  two = spawn(2, true);
  EXPECT_NE(two->wait_for("incarnation "), before);
  two->tell("peers 1:" + own + ",3:" + port(*three));
  ASSERT_TRUE(three->wait_count("up 2", 2));
}

} // namespace
} // namespace graphrag
