#include "cluster/cluster_view.hpp"

namespace graphrag::cluster {

const Member* ClusterView::find(NodeOrdinal ordinal) const noexcept {
  const auto at = std::ranges::lower_bound(members, ordinal, {},
                                           [](const Member& member) { return member.id.ordinal; });
  return at != members.end() && at->id.ordinal == ordinal ? &*at : nullptr;
}

const Member* ClusterView::find(const NodeId& id) const noexcept {
  const auto* member = find(id.ordinal);
  return member != nullptr && member->id == id ? member : nullptr;
}

bool votes(const ClusterView& view, const Member& member) noexcept {
  return member.state != MemberState::joining ||
         std::ranges::all_of(view.members,
                             [](const Member& m) { return m.state == MemberState::joining; });
}

bool reads(const ClusterView& view, std::uint32_t shard, NodeOrdinal node) noexcept {
  if (shard >= view.shards.size()) return false;
  const auto& owners = view.shards[shard];
  return contains(owners.serving, node) || contains(owners.retiring, node);
}

} // namespace graphrag::cluster
