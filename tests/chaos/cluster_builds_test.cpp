// Two builds in one cluster: all nodes go from the older build to this one, back, and up again, one
// after the other under load. OLDER_GRAPHRAG names the server of the older build.
#include <csignal>
#include <cstdlib>

#include "cluster_chaos.hpp"

namespace graphrag::test {
namespace {

class FullClusterBuilds : public ClusterFixture {
protected:
  void SetUp() override {
    if (const auto why = PostgresServer::why_not(); !why.empty())
      GTEST_SKIP() << "NOT TESTED: a cluster of nodes. " << why;
    const char* given = std::getenv("OLDER_GRAPHRAG");
    if (given == nullptr)
      GTEST_SKIP() << "NOT TESTED: two builds in one cluster. OLDER_GRAPHRAG is not set";
    older_ = given;
    make_cluster(3, nullptr, {}, older_);
  }
  void all_to(const std::string& binary) {
    cluster_->use_binary(binary);
    for (std::size_t i = 0; i < 3; ++i) {
      say("node " + std::to_string(i) + " to " + (binary.empty() ? "this build" : binary));
      EXPECT_EQ(cluster_->stop(i), 0);
      restart(i);
      expect_settled();
      more_load();
    }
  }
  std::string older_;
};

TEST_F(FullClusterBuilds, UpAndBackAndUp) {
  begin_load();
  more_load();
  all_to("");
  all_to(older_);
  all_to("");
  none_failed(end_of_load());
}

} // namespace
} // namespace graphrag::test
