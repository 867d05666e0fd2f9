// Nodes that do not reach each other, or the database, or only slowly. Each node has a network of
// its own; clients reach every node all the time. No question fails, but at a node that is cut off.
#include "cluster_chaos.hpp"

namespace graphrag::test {
namespace {

using std::chrono::milliseconds;
constexpr std::size_t database = 0; // places, see test_cluster.hpp
constexpr std::size_t place_of(std::size_t node) { return node + 1; }
constexpr std::size_t victim = 2; // never the planner
constexpr milliseconds pause{2};  // every packet goes through the test

class NetworkFaults : public ClusterFixture {
protected:
  void SetUp() override {
    auto why = PostgresServer::why_not();
    if (why.empty()) why = TestNetwork::why_not();
    if (!why.empty()) GTEST_SKIP() << "NOT TESTED: faults of the network. " << why;
    network_ = std::make_unique<TestNetwork>(4);
    make_cluster(3, network_.get());
  }
  void TearDown() override {
    ClusterFixture::TearDown();
    cluster_.reset();
  }

  void cut(std::size_t from, std::size_t to) {
    say("cut from place " + std::to_string(from) + " to place " + std::to_string(to));
    network_->set(from, to, {.cut = true});
    cuts_.insert({from, to});
  }
  void cut_from_peers() {
    for (std::size_t peer = 0; peer < victim; ++peer) {
      cut(place_of(victim), place_of(peer));
      cut(place_of(peer), place_of(victim));
    }
  }
  void cut_from_database() {
    cut(place_of(victim), database);
    cut(database, place_of(victim));
  }
  // Between any two that were cut something was stopped (an idle database says nothing unasked).
  void heal() {
    for (const auto& [a, b] : cuts_)
      EXPECT_GT(network_->counted(a, b).cut + network_->counted(b, a).cut, 0U) << a << " and " << b;
    say("heal");
    network_->heal();
  }
  // The victim still renews its lease, but gives up its shards: it answers no questions and stays a
  // member, and is back when it reaches the others again.
  void expect_isolated_and_back() {
    ASSERT_TRUE(eventually([&] {
      const auto seen = cluster_->status(victim);
      return seen.is_object() && seen.value("isolated", false);
    }));
    ASSERT_TRUE(eventually([&] { return !cluster_->ready(victim); }));
    more_load();
    for (std::size_t i = 0; i < victim; ++i) EXPECT_TRUE(cluster_->ready(i)) << i;
    heal();
    expect_settled();
    more_load();
  }
  // Others remove the victim, which cannot hear of it and answers nothing; it ends as soon as it
  // has the database again.
  void expect_removed_and_back() {
    ASSERT_TRUE(eventually([&] { return !cluster_->ready(victim); }, seconds(120)));
    ASSERT_TRUE(eventually([&] { return members_are(2, 0) && members_are(2, 1); }, seconds(120)));
    more_load();
    EXPECT_FALSE(cluster_->ready(victim));
    heal();
    EXPECT_EQ(cluster_->node(victim).wait_for_exit(seconds(120)), 70);
    restart(victim);
    expect_settled();
    more_load();
  }
  void cut_off() {
    more_load();
    cut_from_peers();
    cut_from_database();
    expect_removed_and_back();
  }

  std::unique_ptr<TestNetwork> network_;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;
};

using ClusterNetworkChaos = NetworkFaults;
using FullClusterNetworkChaos = NetworkFaults;

TEST_F(ClusterNetworkChaos, ANodeIsCutOff) {
  begin_load(pause);
  cut_off();
  none_failed(end_of_load(), {victim});
}

TEST_F(FullClusterNetworkChaos, ANodeOfAnIdleClusterIsCutOff) {
  cut_off();
  end_of_load();
}

TEST_F(FullClusterNetworkChaos, ANodeIsCutFromItsPeersButNotFromTheDatabase) {
  begin_load(pause);
  more_load();
  cut_from_peers();
  expect_isolated_and_back();
  none_failed(end_of_load(), {victim});
}

TEST_F(FullClusterNetworkChaos, ANodeIsCutFromTheDatabaseButNotFromItsPeers) {
  begin_load(pause);
  more_load();
  cut_from_database();
  expect_removed_and_back();
  none_failed(end_of_load(), {victim});
}

TEST_F(FullClusterNetworkChaos, NothingFromANodeReachesItsPeers) {
  begin_load(pause);
  more_load();
  for (std::size_t peer = 0; peer < victim; ++peer) cut(place_of(victim), place_of(peer));
  expect_isolated_and_back();
  none_failed(end_of_load(), {victim});
}

TEST_F(FullClusterNetworkChaos, NothingFromItsPeersReachesANode) {
  begin_load(pause);
  more_load();
  for (std::size_t peer = 0; peer < victim; ++peer) cut(place_of(peer), place_of(victim));
  expect_isolated_and_back();
  none_failed(end_of_load(), {victim});
}

// Two nodes reach everybody but each other: nobody is alone.
TEST_F(FullClusterNetworkChaos, OneLineIsCut) {
  begin_load(pause);
  more_load();
  cut(place_of(1), place_of(2));
  cut(place_of(2), place_of(1));
  ASSERT_TRUE(eventually([&] {
    const auto seen = cluster_->status(2);
    return seen.is_object() && !seen["members"][1]["reached"].get<bool>();
  }));
  more_load();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(members_are(3, i)) << i;
  heal();
  expect_settled();
  more_load();
  none_failed(end_of_load());
}

TEST_F(FullClusterNetworkChaos, TheLinesToANodeAreSlow) {
  begin_load(pause);
  more_load();
  const TestNetwork::Line slow{
      .delay = milliseconds{200}, .jitter = milliseconds{50}, .loss = 0.01};
  say("slow lines");
  for (std::size_t peer = 0; peer < victim; ++peer)
    network_->set_both(place_of(victim), place_of(peer), slow);
  const auto view = view_of(0);
  const auto counted = [&] {
    TestNetwork::Counted sum;
    for (std::size_t peer = 0; peer < victim; ++peer) {
      const auto out = network_->counted(place_of(victim), place_of(peer));
      const auto in = network_->counted(place_of(peer), place_of(victim));
      sum.delayed += out.delayed + in.delayed;
      sum.lost += out.lost + in.lost;
    }
    return sum;
  };
  ASSERT_TRUE(eventually([&] { return counted().delayed > 300 && counted().lost > 2; }));
  more_load();
  EXPECT_EQ(view_of(0), view) << "slow is not gone";
  network_->heal();
  expect_settled();
  none_failed(end_of_load());
}

} // namespace
} // namespace graphrag::test
