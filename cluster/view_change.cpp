#include "cluster/view_change.hpp"

#include "runtime/check.hpp"

namespace graphrag::cluster {
namespace {

std::vector<NodeId> voters(const ClusterView& view) {
  std::vector<NodeId> ids;
  for (const auto& member : view.members)
    if (votes(view, member)) ids.push_back(member.id);
  return ids;
}

ClusterView next_of(const ClusterView& before, ClusterView after) {
  after.version = before.version + 1;
  if (voters(before) != voters(after)) after.voters_since = after.version;
  return after;
}

void remove(ClusterView& view, const NodeId& id) {
  std::erase_if(view.members, [&](const Member& member) { return member.id == id; });
  for (auto& owners : view.shards)
    for (auto* list : {&owners.serving, &owners.loading, &owners.retiring})
      std::erase(*list, id.ordinal);
}

} // namespace

ClusterView with_member(const ClusterView& view, Member member) {
  auto next = view;
  if (const auto* twin = next.find(member.id.ordinal)) remove(next, NodeId{twin->id});
  const auto at = std::ranges::lower_bound(next.members, member.id.ordinal, {},
                                           [](const Member& m) { return m.id.ordinal; });
  next.members.insert(at, std::move(member));
  return next_of(view, std::move(next));
}

ClusterView with_state(const ClusterView& view, const NodeId& id, MemberState state,
                       Millis leave_by) {
  auto next = view;
  const auto at = std::ranges::find(next.members, id, &Member::id);
  RUNTIME_CHECK(at != next.members.end(), "only a member has a state");
  at->state = state;
  at->leave_by = leave_by;
  return next_of(view, std::move(next));
}

ClusterView without(const ClusterView& view, std::span<const NodeId> gone) {
  auto next = view;
  for (const auto& id : gone) remove(next, id);
  return next_of(view, std::move(next));
}

ClusterView with_shards(const ClusterView& view, std::vector<ShardOwners> shards) {
  auto next = view;
  next.shards = std::move(shards);
  return next_of(view, std::move(next));
}

} // namespace graphrag::cluster
