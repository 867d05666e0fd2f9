// Three nodes with their threads over real links with TLS, in one process.
#include <gtest/gtest.h>

#include "cluster/node/cluster_node.hpp"
#include "cluster/node/lease_clock.hpp"
#include "cluster/placement.hpp"
#include "tests/support/cluster_rows.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/test_node.hpp"

namespace graphrag {
namespace {

using namespace std::chrono_literals;
using cluster::ClusterNode;
using cluster::NodeEnd;
using cluster::NodeId;
using runtime::Result;
using test::eventually;

// Waits for what a promise hears.
template <class T>
class Waited {
public:
  runtime::Promise<T> promise() {
    return runtime::Promise<T>{[state = state_](Result<T> result) {
      const std::lock_guard lock{state->mutex};
      state->value = std::move(result);
      state->changed.notify_all();
    }};
  }
  Result<T> get() {
    std::unique_lock lock{state_->mutex};
    state_->changed.wait_for(lock, 60s, [&] { return state_->value.has_value(); });
    return state_->value.value_or(runtime::fail(runtime::Errc::io, "nobody answered"));
  }

  bool heard() const {
    const std::lock_guard lock{state_->mutex};
    return state_->value.has_value();
  }

private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<T>> value;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class NodesTest : public testing::Test {
protected:
  struct Node {
    Node(NodesTest& test, runtime::NodeOrdinal ordinal)
        : rows(std::make_shared<cluster::test::RowsOf>(test.rows)), host(test.rows) {
      const auto folder = test.scratch.path() / std::to_string(ordinal);
      test.authority.issue(folder, test::name_of(ordinal));
      auto link_options = test::node_options(ordinal);
      link = std::move(
          *cluster::Link::open(link_options, *cluster::make_tls_wires(test::tls_files(folder))));
      cluster::NodeOptions options;
      options.self.id = link_options.self;
      options.self.address = "127.0.0.1:" + std::to_string(link->port());
      options.self.memory_budget = 1000;
      options.cluster = link_options.cluster;
      options.settings = test.settings;
      options.certificate_name = "node-{}.cluster.test";
      options.on_end = [this](NodeEnd how, const std::string&) { ended = static_cast<int>(how); };
      node = std::make_unique<ClusterNode>(options, rows, cluster::over(*link), host, test.clock,
                                           test.lease_clock);
      node->handle("echo", [](cluster::PeerCall call, cluster::Answer answer) {
        answer.fulfil(std::move(call.body));
      });
      node->start();
    }
    ~Node() {
      node->stop();
      link = nullptr;
    }
    std::shared_ptr<cluster::test::RowsOf> rows;
    cluster::test::FakeHost host;
    std::atomic<int> ended{-1};
    std::unique_ptr<cluster::Link> link;
    std::unique_ptr<ClusterNode> node;
  };

  bool complete(std::size_t members) {
    const auto view = rows.view();
    return view.members.size() == members && cluster::is_complete(view, settings) &&
           std::ranges::all_of(nodes, [&](auto& one) {
             return one->node->view()->version == view.version &&
                    one->node->phase() == cluster::Phase::up;
           });
  }
  void start_three() {
    for (runtime::NodeOrdinal ordinal : {0U, 1U, 2U})
      nodes.push_back(std::make_unique<Node>(*this, ordinal));
    ASSERT_TRUE(eventually([&] { return complete(3); }));
    ASSERT_TRUE(eventually([&] { return readable(); }));
  }
  bool readable() {
    for (std::uint32_t shard = 0; shard < settings.shards; ++shard)
      if (std::ranges::none_of(nodes, [&](auto& one) { return one->node->may_read(shard) != 0; }))
        return false;
    return true;
  }
  runtime::SteadyTime soon() const { return clock.now() + 60s; }

  cluster::Settings settings;
  test::TestAuthority authority;
  test::ScratchFolder scratch;
  runtime::SystemClock clock;
  cluster::LeaseClock lease_clock;
  cluster::test::Rows rows{settings, [] {
                             return std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                 .count();
                           }};
  std::vector<std::unique_ptr<Node>> nodes;
};

TEST_F(NodesTest, MeetAskDeleteAndLoseOne) {
  start_three();
  const auto body = std::string(cluster::max_peer_body_bytes, 'b');
  std::vector<Waited<std::string>> echoes(4);
  for (auto& echo : echoes)
    nodes[0]->node->request(nodes[1]->node->self(), "echo", body, soon(), echo.promise());
  for (auto& echo : echoes) EXPECT_TRUE(echo.get() == body);

  for (std::uint32_t shard = 0; shard < 8; ++shard) {
    auto readers = rows.view().shards[shard].serving.size();
    for (auto& one : nodes) one->host.held_up = true;
    const auto [seq, version] = rows.write();
    Waited<void> deleted;
    nodes[shard % 3]->node->await_deleted(seq, version, shard, soon(), deleted.promise());
    for (auto& one : nodes) {
      EXPECT_FALSE(deleted.heard()); // one that reads it, at least, is held up
      one->host.held_up = false;
      one->node->progressed(shard);
      if (cluster::reads(*one->node->view(), shard, one->node->self().ordinal)) --readers;
      if (readers == 0) break;
    }
    EXPECT_TRUE(deleted.get());
    Waited<NodeId> where;
    nodes[0]->node->await_applied(seq, shard, soon(), where.promise());
    EXPECT_TRUE(where.get());
  }

  nodes.erase(nodes.begin()); // the planner, with no word
  EXPECT_TRUE(eventually([&] { return complete(2) && readable(); }));
  Waited<void> left;
  nodes[0]->node->leave(left.promise());
  EXPECT_TRUE(left.get());
  EXPECT_TRUE(eventually([&] { return nodes[0]->ended == static_cast<int>(NodeEnd::left); }));
  nodes.erase(nodes.begin());
  EXPECT_TRUE(eventually([&] { return complete(1) && readable(); }));
}

TEST_F(NodesTest, ADriverThatBreaksEndsItsRightAtOnceAndSaysSo) {
  nodes.push_back(std::make_unique<Node>(*this, 0));
  ASSERT_TRUE(eventually([&] { return complete(1) && readable(); }));
  auto& one = *nodes[0];
  one.host.broken = true;
  one.host.lose(1);
  EXPECT_TRUE(eventually([&] { return one.ended == static_cast<int>(NodeEnd::failed); }));
  EXPECT_FALSE(readable());
  Waited<void> deleted;
  one.node->await_deleted(1, 1, 1, soon(), deleted.promise());
  EXPECT_EQ(deleted.get().error().code, runtime::Errc::canceled);
}

} // namespace
} // namespace graphrag
