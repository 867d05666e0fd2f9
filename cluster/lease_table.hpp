#pragma once
// What the database says of the cluster in one read: the view, the members' leases and its clock;
// and when a member counts as gone.
//
// A member may answer questions while its lease lasts, and longer while the database is away and a
// quorum attests the same (read_right.hpp). So the end of a lease alone does not end its reads. A
// member has *expired*, and never answers again before it has renewed its lease, when its lease has
// ended and
//  - a quorum of the voters has voted against it (a voter that did attests no more, and a voter
//  that
//    attests does not vote until its attestation has run out; two quorums share a voter), and the
//    member's own idea of who votes is this view's; or
//  - `outage_reads` has passed since, after which no attestation helps.
#include <optional>
#include <vector>

#include "cluster/cluster_view.hpp"

namespace graphrag::cluster {

// One row per member. It is made with the member and goes with it.
struct Lease {
  NodeId node;
  Millis until = 0;                  // database time
  std::uint64_t seen_view = 0;       // newest view that the member had seen when it renewed
  bool isolated = false;             // it has given up its slots: it cannot reach a quorum
  std::vector<NodeId> against;       // its votes
  std::vector<std::uint32_t> loaded; // shards it has loaded, as of seen_view
  // It reads the log after this number only; 0: it does not say, as nodes of older releases, and
  // who has not renewed yet. While it is a member it never needs an older one.
  std::uint64_t needed_after = 0;
};

struct Snapshot {
  ClusterView view;
  std::vector<Lease> leases;
  Millis now = 0;        // database time of the read
  std::uint64_t seq = 0; // the log's last number at the read

  const Lease* lease_of(const NodeId& node) const noexcept;
};

bool lease_ended(const Snapshot& snapshot, const NodeId& member) noexcept;
// Has not renewed for Settings::late: it may be dying, or it is about to renew.
bool is_late(const Snapshot& snapshot, const NodeId& member, const Settings& settings) noexcept;
// See above. A node that is no member has expired.
bool has_expired(const Snapshot& snapshot, const NodeId& member, const Settings& settings);
// No member is late: shards may move.
bool is_settled(const Snapshot& snapshot, const Settings& settings) noexcept;
// The member whose turn it is to propose changes that concern others: the lowest ordinal that is
// not late. More than one may think so; compare-and-set decides.
std::optional<NodeId> planner(const Snapshot& snapshot, const Settings& settings) noexcept;
// The number of the log that every member has left behind; nothing when one does not say.
std::optional<std::uint64_t> least_needed(const Snapshot& snapshot) noexcept;

} // namespace graphrag::cluster
