#include "cluster/lease_table.hpp"

namespace graphrag::cluster {

const Lease* Snapshot::lease_of(const NodeId& node) const noexcept {
  const auto at = std::ranges::find(leases, node, &Lease::node);
  return at == leases.end() ? nullptr : &*at;
}

bool lease_ended(const Snapshot& snapshot, const NodeId& member) noexcept {
  const auto* lease = snapshot.lease_of(member);
  return lease == nullptr || lease->until < snapshot.now;
}

bool is_late(const Snapshot& snapshot, const NodeId& member, const Settings& settings) noexcept {
  const auto* lease = snapshot.lease_of(member);
  return lease == nullptr || lease->until - settings.lease + settings.late < snapshot.now;
}

bool has_expired(const Snapshot& snapshot, const NodeId& member, const Settings& settings) {
  if (snapshot.view.find(member) == nullptr) return true;
  if (!lease_ended(snapshot, member)) return false;
  const auto* lease = snapshot.lease_of(member);
  if (lease == nullptr || lease->until + settings.outage_reads < snapshot.now) return true;
  if (lease->seen_view < snapshot.view.voters_since) return false;
  return is_quorum(snapshot.view, [&](const NodeId& voter) {
    const auto* vote = snapshot.lease_of(voter);
    return vote != nullptr && std::ranges::find(vote->against, member) != vote->against.end();
  });
}

bool is_settled(const Snapshot& snapshot, const Settings& settings) noexcept {
  return std::ranges::none_of(snapshot.view.members, [&](const Member& member) {
    return is_late(snapshot, member.id, settings);
  });
}

std::optional<NodeId> planner(const Snapshot& snapshot, const Settings& settings) noexcept {
  for (const auto& member : snapshot.view.members)
    if (!is_late(snapshot, member.id, settings)) return member.id;
  return std::nullopt;
}

std::optional<std::uint64_t> least_needed(const Snapshot& snapshot) noexcept {
  std::optional<std::uint64_t> least;
  for (const auto& member : snapshot.view.members) {
    const auto* lease = snapshot.lease_of(member.id);
    if (lease == nullptr || lease->needed_after == 0) return std::nullopt;
    least = std::min(least.value_or(lease->needed_after), lease->needed_after);
  }
  return least;
}

} // namespace graphrag::cluster
