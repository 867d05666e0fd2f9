#pragma once
// The cluster as one value: who is in it and who holds which shard. It lives in one row of the
// database and changes by compare-and-set on its version, so that all nodes see the same views in
// the same order; a node may skip some. Pure values, any thread.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "cluster/node_id.hpp"
#include "cluster/settings.hpp"

namespace graphrag::cluster {

enum class MemberState : std::uint8_t {
  joining = 0, // has a lease, holds nothing and has no vote yet
  up = 1,
  leaving = 2 // its shards move away; has a vote until it is gone
};

struct Member {
  NodeId id;
  MemberState state = MemberState::joining;
  std::string address;             // where peers reach this incarnation
  std::uint64_t memory_budget = 0; // bytes for shards; 0: it holds none
  Millis leave_by = 0;             // database time at which a leaving member is gone
  friend bool operator==(const Member&, const Member&) = default;
};

// Who holds a shard. The three lists are sorted and have no node in common.
struct ShardOwners {
  std::vector<NodeOrdinal> serving;  // questions go to these
  std::vector<NodeOrdinal> loading;  // these read the shard from the store
  std::vector<NodeOrdinal> retiring; // served it; still answer those who have an older view
  friend bool operator==(const ShardOwners&, const ShardOwners&) = default;
};

struct ClusterView {
  std::uint64_t version = 0;       // 0: nobody has joined yet
  std::uint64_t voters_since = 0;  // version at which the set of voters last changed
  std::uint64_t seq = 0;           // the log's last number when this view was written
  std::vector<Member> members;     // by ordinal, one each
  std::vector<ShardOwners> shards; // by shard; empty until the first placement

  const Member* find(NodeOrdinal ordinal) const noexcept;
  const Member* find(const NodeId& id) const noexcept; // nullptr for another incarnation too
  friend bool operator==(const ClusterView&, const ClusterView&) = default;
};

// Does this member count for quorums? Those that are up or leaving do; as long as there are none,
// all do.
bool votes(const ClusterView& view, const Member& member) noexcept;

// Is `in(id)` true for more than half of the voters, or for exactly half with the lowest ordinal
// among them? Any two quorums of one view share a voter.
template <class In>
bool is_quorum(const ClusterView& view, In&& in) {
  std::size_t all = 0, inside = 0;
  bool first_inside = false;
  for (const auto& member : view.members) {
    if (!votes(view, member)) continue;
    const bool is_in = in(member.id);
    if (all++ == 0) first_inside = is_in;
    inside += is_in;
  }
  return 2 * inside > all || (all > 0 && 2 * inside == all && first_inside);
}

inline bool contains(const std::vector<NodeOrdinal>& sorted, NodeOrdinal node) noexcept {
  return std::ranges::binary_search(sorted, node);
}

// Whether the node answers questions on the shard in this view: it serves it or retires from it.
bool reads(const ClusterView& view, std::uint32_t shard, NodeOrdinal node) noexcept;

} // namespace graphrag::cluster
