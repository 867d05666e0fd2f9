#include <gtest/gtest.h>

#include <map>
#include <set>

#include "cluster/placement.hpp"

namespace graphrag::cluster {
namespace {

std::vector<Capacity> equal_nodes(NodeOrdinal count, std::uint64_t budget = 1'000'000) {
  std::vector<Capacity> out;
  for (NodeOrdinal i = 0; i < count; ++i) out.push_back({i, budget});
  return out;
}

std::map<NodeOrdinal, std::size_t> load(const std::vector<std::vector<NodeOrdinal>>& placement) {
  std::map<NodeOrdinal, std::size_t> out;
  for (const auto& owners : placement)
    for (auto node : owners) ++out[node];
  return out;
}

TEST(Placement, ReplicasAreOnDifferentNodesAndLoadFollowsWeight) {
  const std::vector<std::uint64_t> bytes(1024, 1);
  auto nodes = equal_nodes(4);
  nodes[3].budget *= 2;
  const auto placement = ideal_placement(nodes, bytes, 2);
  for (const auto& owners : placement) {
    ASSERT_EQ(owners.size(), 2U);
    EXPECT_LT(owners[0], owners[1]);
  }
  auto shards = load(placement);
  EXPECT_GT(shards[3], shards[0] * 5 / 4);
  for (NodeOrdinal i = 0; i < 3; ++i) EXPECT_GT(shards[i], 300U);
}

TEST(Placement, ANodeThatComesMovesItsOwnShareOnly) {
  const std::vector<std::uint64_t> bytes(1024, 1);
  const auto before = ideal_placement(equal_nodes(5), bytes, 2);
  const auto after = ideal_placement(equal_nodes(6), bytes, 2);
  std::size_t moved = 0;
  for (std::size_t shard = 0; shard < bytes.size(); ++shard)
    for (auto node : after[shard])
      if (!contains(before[shard], node)) {
        EXPECT_EQ(node, 5U) << "shard " << shard << " moved between old nodes";
        ++moved;
      }
  EXPECT_EQ(moved, load(after)[5]);
  EXPECT_LT(moved, 1024U * 2 / 6 * 5 / 4);
}

TEST(Placement, NeverExceedsABudgetAndSaysWhatHasNoRoom) {
  const std::vector<std::uint64_t> bytes(16, 10);
  const auto placement = ideal_placement(equal_nodes(3, 70), bytes, 2); // room for 21 of 32
  std::size_t placed = 0;
  for (const auto& [node, shards] : load(placement)) {
    EXPECT_LE(shards, 7U);
    placed += shards;
  }
  EXPECT_EQ(placed, 21U);
}

// A cluster that follows the planner: every node loads at once and has seen every view.
class Following {
public:
  explicit Following(std::vector<std::pair<NodeOrdinal, std::uint64_t>> nodes) {
    for (const auto& [ordinal, budget] : nodes) add(ordinal, budget);
    settings_.max_loading = 5;
  }
  void add(NodeOrdinal ordinal, std::uint64_t budget) {
    Member member;
    member.id = {ordinal, 1};
    member.state = MemberState::up;
    member.memory_budget = budget;
    snapshot_.view.members.push_back(member);
    Lease lease;
    lease.node = member.id;
    snapshot_.leases.push_back(lease);
  }
  void state(NodeOrdinal ordinal, MemberState state) {
    for (auto& member : snapshot_.view.members)
      if (member.id.ordinal == ordinal) member.state = state;
  }
  PlacementPlan plan(std::set<NodeOrdinal> loads = {0, 1, 2, 3, 4, 5, 6, 7}) {
    for (auto& lease : snapshot_.leases) {
      lease.until =
          late_ == lease.node.ordinal ? snapshot_.now + 1 : snapshot_.now + settings_.lease;
      lease.seen_view = snapshot_.view.version;
      lease.loaded.clear();
      for (std::uint32_t shard = 0; shard < snapshot_.view.shards.size(); ++shard)
        if (loads.contains(lease.node.ordinal)) lease.loaded.push_back(shard);
    }
    return next_placement(snapshot_, bytes_, settings_);
  }
  void step(std::set<NodeOrdinal> loads = {0, 1, 2, 3, 4, 5, 6, 7}) {
    snapshot_.view.shards = plan(std::move(loads)).shards;
    ++snapshot_.view.version;
    std::size_t loading = 0;
    std::map<NodeOrdinal, std::uint64_t> held;
    for (const auto& owners : snapshot_.view.shards) {
      loading += owners.loading.size();
      for (const auto* list : {&owners.serving, &owners.loading, &owners.retiring})
        for (auto node : *list) held[node] += 10;
    }
    EXPECT_LE(loading, settings_.max_loading);
    for (const auto& member : snapshot_.view.members)
      EXPECT_LE(held[member.id.ordinal], member.memory_budget);
  }
  void settle() {
    for (int i = 0; i < 100 && !is_complete(view(), settings_); ++i) step();
    EXPECT_TRUE(is_complete(view(), settings_));
  }
  const ClusterView& view() const { return snapshot_.view; }
  Settings& settings() { return settings_; }
  void make_late(NodeOrdinal node) { late_ = node; }
  void isolate(NodeOrdinal node) {
    for (auto& lease : snapshot_.leases) lease.isolated = lease.node.ordinal == node;
  }

private:
  Settings settings_;
  Snapshot snapshot_;
  std::vector<std::uint64_t> bytes_ = std::vector<std::uint64_t>(16, 10);
  std::optional<NodeOrdinal> late_;
};

TEST(Placement, EverythingIsLoadedBeforeItIsServed) {
  Following cluster({{0, 1000}, {1, 1000}, {2, 1000}});
  cluster.step();
  for (int i = 0; i < 5; ++i) cluster.step({}); // nobody has loaded anything
  for (const auto& owners : cluster.view().shards) EXPECT_TRUE(owners.serving.empty());
  cluster.settle();
}

TEST(Placement, AnOldOwnerServesUntilTheNewOneHasLoadedAndIsKeptUntilAllHaveSeen) {
  Following cluster({{0, 1000}, {1, 1000}});
  cluster.settle();
  cluster.add(2, 1000);
  std::size_t retired = 0;
  for (int i = 0; i < 60; ++i) {
    const auto before = cluster.view().shards;
    cluster.step(i % 2 == 0 ? std::set<NodeOrdinal>{} : std::set<NodeOrdinal>{2});
    for (std::size_t shard = 0; shard < before.size(); ++shard) {
      const auto& now = cluster.view().shards[shard];
      EXPECT_GE(now.serving.size(), 2U);
      for (auto node : before[shard].serving)
        if (!contains(now.serving, node)) {
          EXPECT_TRUE(contains(now.retiring, node));
          ++retired;
        }
    }
  }
  EXPECT_GT(retired, 5U);
  cluster.settle();
}

TEST(Placement, SeveralLeaveAtOnceAndEndWithNothing) {
  Following cluster({{0, 1000}, {1, 1000}, {2, 1000}, {3, 1000}});
  cluster.settle();
  cluster.state(1, MemberState::leaving);
  cluster.state(3, MemberState::leaving);
  cluster.settle();
  for (const auto& owners : cluster.view().shards)
    EXPECT_EQ(owners.serving, (std::vector<NodeOrdinal>{0, 2}));
}

TEST(Placement, NothingStartsToMoveWhileAMemberIsLate) {
  Following cluster({{0, 1000}, {1, 1000}});
  cluster.settle();
  cluster.add(2, 1000);
  cluster.make_late(1);
  const auto before = cluster.view().shards;
  for (int i = 0; i < 5; ++i) cluster.step();
  EXPECT_EQ(cluster.view().shards, before);
}

TEST(Placement, AnIsolatedNodeGivesUpItsShards) {
  Following cluster({{0, 1000}, {1, 1000}, {2, 1000}});
  cluster.settle();
  cluster.isolate(2);
  for (int i = 0; i < 50; ++i) cluster.step();
  for (const auto& owners : cluster.view().shards)
    EXPECT_EQ(owners.serving, (std::vector<NodeOrdinal>{0, 1}));
}

TEST(Placement, ShardsWithoutRoomStayAsTheyAreAndAreNamed) {
  Following cluster({{0, 160}, {1, 100}});
  for (int i = 0; i < 50; ++i) cluster.step();
  EXPECT_EQ(cluster.plan().no_room.size(), 6U);
  for (const auto& owners : cluster.view().shards) EXPECT_FALSE(owners.serving.empty());
}

TEST(Placement, IsTheSameOnEveryNode) {
  Following one({{0, 1000}, {1, 500}, {2, 700}}), other({{0, 1000}, {1, 500}, {2, 700}});
  for (int i = 0; i < 20; ++i) {
    one.step();
    other.step();
    ASSERT_EQ(one.view(), other.view());
  }
}

} // namespace
} // namespace graphrag::cluster
