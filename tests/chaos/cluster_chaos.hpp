#pragma once
// What all tests of a cluster under faults share: real nodes, clients that ask, write and remove
// (or, idle, only look at times), and what must hold at the end: nothing that was acknowledged is
// lost, nothing that was removed is shown, and the cluster comes to itself. When a test fails, the
// history of its clients and all logs are kept in a folder that the message names.
//
// Suites whose names begin with "Full" are for `./test --chaos`, "Soak" runs by name only; see
// tests/CMakeLists.txt.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/cluster_load.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/test_cluster.hpp"

namespace graphrag::test {

using std::chrono::seconds;

class ClusterFixture : public ::testing::Test {
protected:
  void SetUp() override;
  void TearDown() override;
  // For SetUp of others: so many nodes, settled and with the first documents.
  void make_cluster(std::size_t nodes, TestNetwork* network = nullptr,
                    std::vector<std::string> roles = {}, const std::string& binary = {});

  void begin_load(std::chrono::milliseconds pause = {});
  // So that both the fault and what follows it happen under load. When idle: a look at all nodes
  // that are ready, whether they show what they should.
  void more_load();
  void expect_settled(seconds within = seconds(120));
  void kill(std::size_t i);
  void restart(std::size_t i);
  // Ends the load, and looks at every node.
  ClusterLoad::Result end_of_load();
  // No question failed, but at nodes that were themselves the fault.
  static void none_failed(const ClusterLoad::Result& result, const std::set<int>& but = {});
  // What the test does, for the history.
  void say(const std::string& event) { history_->note(event); }
  std::uint64_t view_of(std::size_t i);
  bool members_are(std::size_t count, std::size_t seen_by);

  std::unique_ptr<TempDir> folder_;
  std::unique_ptr<ClientHistory> history_;
  std::unique_ptr<TestCluster> cluster_;
  std::unique_ptr<ClusterLoad> load_;

private:
  bool loaded_ = false;
};

} // namespace graphrag::test
