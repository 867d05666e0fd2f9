// A cluster whose nodes have one role each: two gateways, three that hold collections, one worker.
// Whichever dies, and when all are restarted in turn, no question fails.
#include <csignal>

#include "cluster_chaos.hpp"

namespace graphrag::test {
namespace {

constexpr std::size_t gateway = 0, holder = 3, worker = 5, nodes = 6;

class FullClusterSplit : public ClusterFixture {
protected:
  void SetUp() override {
    if (const auto why = PostgresServer::why_not(); !why.empty())
      GTEST_SKIP() << "NOT TESTED: a cluster of nodes. " << why;
    make_cluster(nodes, nullptr, {"gateway", "gateway", "shard", "shard", "shard", "worker"});
  }
  void kill_one(std::size_t i) {
    begin_load();
    more_load();
    const std::size_t other = 1;
    const auto before = view_of(other);
    kill(i);
    more_load();
    expect_settled();
    EXPECT_GT(view_of(other), before) << "it was noticed";
    restart(i);
    expect_settled();
    more_load();
    none_failed(end_of_load());
  }
};

TEST_F(FullClusterSplit, AHolderIsKilled) { kill_one(holder); }

TEST_F(FullClusterSplit, AGatewayIsKilled) { kill_one(gateway); }

TEST_F(FullClusterSplit, TheWorkerIsKilled) { kill_one(worker); }

TEST_F(FullClusterSplit, AllAreRestartedInTurn) {
  begin_load();
  more_load();
  for (std::size_t i = 0; i < nodes; ++i) {
    say("SIGTERM to node " + std::to_string(i));
    EXPECT_EQ(cluster_->stop(i), 0);
    restart(i);
    expect_settled();
    more_load();
  }
  none_failed(end_of_load());
}

} // namespace
} // namespace graphrag::test
