// A cluster that grows and shrinks under load: 1 node, 3, 5, and 2 after three SIGTERMs in the same
// second. No question fails.
#include "cluster_chaos.hpp"

namespace graphrag::test {
namespace {

class FullClusterScale : public ClusterFixture {
protected:
  void SetUp() override {
    if (const auto why = PostgresServer::why_not(); !why.empty())
      GTEST_SKIP() << "NOT TESTED: a cluster of nodes. " << why;
    make_cluster(1);
  }
  void grow_to(std::size_t nodes) {
    while (cluster_->size() < nodes) {
      say("start node " + std::to_string(cluster_->size()));
      cluster_->add();
      load_->set_gateway(cluster_->size() - 1, cluster_->gateway(cluster_->size() - 1));
    }
    expect_settled();
    for (std::size_t i = 0; i < nodes; ++i) EXPECT_TRUE(members_are(nodes, i)) << i;
    more_load();
  }
};

TEST_F(FullClusterScale, FromOneToThreeToFiveToTwo) {
  begin_load(std::chrono::milliseconds{2});
  more_load();
  grow_to(3);
  grow_to(5);
  say("SIGTERM to nodes 0, 1 and 2");
  EXPECT_EQ(cluster_->stop_together({0, 1, 2}), (std::vector<int>{0, 0, 0}));
  expect_settled();
  EXPECT_TRUE(members_are(2, 3));
  EXPECT_TRUE(members_are(2, 4));
  more_load();
  none_failed(end_of_load());
}

} // namespace
} // namespace graphrag::test
