#pragma once
// Which node holds which shard: a pure function of what the database says. The planner writes its
// result into the next view, so that all nodes follow one placement.
//
// Weighted rendezvous hashing of (shard, ordinal) with the memory budgets as weights says where
// replicas should be; a node that comes or goes moves its own share only. The way there is one step
// at a time: a new owner loads first and says so, then it serves, then the old one retires, and
// when all members have seen that, it is dropped. Nothing starts to move while a member is late, at
// most Settings::max_loading replicas load at once, shards that nobody serves first, and no node is
// ever given more bytes than its budget.
#include <span>

#include "cluster/lease_table.hpp"

namespace graphrag::cluster {

struct PlacementPlan {
  std::vector<ShardOwners> shards;
  std::vector<std::uint32_t> no_room; // shards that lack a replica since no budget has room for it
};

struct Capacity {
  NodeOrdinal node = 0;
  std::uint64_t budget = 0; // bytes
};

// Where the replicas of every shard should be, given nothing but the nodes; sorted. Fewer than
// `replicas` where there are not enough nodes with room. `bytes` has one entry per shard.
std::vector<std::vector<NodeOrdinal>> ideal_placement(std::span<const Capacity> nodes,
                                                      std::span<const std::uint64_t> bytes,
                                                      std::uint32_t replicas);

// The next step from the snapshot's view. `bytes` as above; its size is the number of shards.
PlacementPlan next_placement(const Snapshot& snapshot, std::span<const std::uint64_t> bytes,
                             const Settings& settings);

// Is every shard served by as many members that are up as it should be, with nothing under way?
bool is_complete(const ClusterView& view, const Settings& settings) noexcept;

} // namespace graphrag::cluster
