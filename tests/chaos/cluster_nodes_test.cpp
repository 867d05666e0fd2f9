// Nodes that die, stand still and go; a database that restarts. No question fails, but at a node
// that stands still.
#include <csignal>

#include "cluster_chaos.hpp"

namespace graphrag::test {
namespace {

class NodeFaults : public ClusterFixture {
protected:
  void kill_one() {
    more_load();
    const auto before = view_of(0);
    kill(2);
    more_load();
    expect_settled();
    EXPECT_GT(view_of(0), before) << "it was noticed";
    restart(2);
    expect_settled();
    more_load();
  }
  nlohmann::json self_of(std::size_t i) {
    const auto seen = cluster_->status(i, TestCluster::only_look);
    EXPECT_TRUE(seen.is_object()) << i;
    return seen.is_object() ? seen["self"] : seen;
  }
  void restart_in_turn() {
    more_load();
    for (std::size_t i = 0; i < 3; ++i) {
      const auto before = self_of(i);
      say("SIGTERM to node " + std::to_string(i));
      EXPECT_EQ(cluster_->stop(i), 0);
      restart(i);
      expect_settled();
      EXPECT_NE(self_of(i), before);
      more_load();
    }
  }
};

using ClusterChaos = NodeFaults;
using FullClusterChaos = NodeFaults;

TEST_F(ClusterChaos, OneNodeIsKilled) {
  begin_load();
  kill_one();
  const auto result = end_of_load();
  none_failed(result);
  EXPECT_GT(result.retried, 0U) << "somebody met the dead node";
}

TEST_F(FullClusterChaos, OneNodeOfAnIdleClusterIsKilled) {
  kill_one();
  end_of_load();
}

TEST_F(ClusterChaos, AllNodesAreKilled) {
  begin_load();
  more_load();
  for (std::size_t i = 0; i < 3; ++i) kill(i);
  for (std::size_t i = 0; i < 3; ++i) restart(i);
  expect_settled();
  more_load();
  EXPECT_GT(end_of_load().retried, 0U);
}

TEST_F(ClusterChaos, ANodeStandsStillAndWakesUp) {
  begin_load();
  more_load();
  const auto view = view_of(0);
  say("node 1 stands still");
  cluster_->node(1).stand_still();
  EXPECT_EQ(cluster_->status(1), nullptr) << "it stands still";
  std::this_thread::sleep_for(seconds(1)); // with the question above, the fault itself
  cluster_->node(1).signal(SIGCONT);
  say("node 1 goes on");
  more_load();
  none_failed(end_of_load(), {1});
  EXPECT_EQ(view_of(1), view) << "too short for anybody to be removed";
}

TEST_F(ClusterChaos, ANodeStandsStillForTwiceItsLease) {
  begin_load();
  more_load();
  say("node 1 stands still");
  cluster_->node(1).stand_still();
  ASSERT_TRUE(eventually([&] { return members_are(2, 0); }, seconds(120))) << "others remove it";
  cluster_->node(1).signal(SIGCONT);
  EXPECT_EQ(cluster_->node(1).wait_for_exit(seconds(120)), 70) << "it ends when it hears of it";
  restart(1);
  expect_settled();
  more_load();
  none_failed(end_of_load(), {1});
}

TEST_F(ClusterChaos, AllNodesAreRestartedInTurn) {
  begin_load();
  restart_in_turn();
  none_failed(end_of_load());
}

TEST_F(FullClusterChaos, AllNodesOfAnIdleClusterAreRestartedInTurn) {
  restart_in_turn();
  end_of_load();
}

TEST_F(ClusterChaos, TheDatabaseIsRestarted) {
  begin_load();
  more_load();
  say("the database is killed");
  cluster_->database().kill();
  const auto asked = load_->asked_so_far();
  std::this_thread::sleep_for(seconds(10)); // the fault itself
  EXPECT_GT(load_->asked_so_far(), asked + 50) << "questions go on";
  EXPECT_TRUE(eventually([&] {
    const auto seen = cluster_->status(0);
    return seen.is_object() && seen["database"]["lost"] == true;
  }));
  say("the database is started");
  cluster_->database().start();
  expect_settled();
  more_load();
  none_failed(end_of_load());
}

TEST_F(ClusterChaos, ATwinOfANodeWaits) {
  begin_load();
  more_load();
  const auto view = view_of(0);
  auto twin = cluster_->twin(1);
  HttpClient admin{twin->admin_port()};
  ASSERT_TRUE(eventually(
      [&] { return admin.get("/api/v1/admin/cluster").json().value("phase", "") == "waiting"; }));
  more_load();
  EXPECT_EQ(HttpClient{twin->port()}.get("/ready").status, 503);
  EXPECT_EQ(view_of(0), view) << "it disturbs nobody";
  twin.reset();
  none_failed(end_of_load());
}

} // namespace
} // namespace graphrag::test
