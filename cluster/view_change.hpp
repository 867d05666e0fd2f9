#pragma once
// The next view made from one view: the only way in which views come to be. Each function gives a
// view of the next version; its `seq` is filled in by the store that writes it.
#include <span>

#include "cluster/cluster_view.hpp"

namespace graphrag::cluster {

// Takes the place of a member of the same ordinal, whose shards are given up.
ClusterView with_member(const ClusterView& view, Member member);
ClusterView with_state(const ClusterView& view, const NodeId& id, MemberState state,
                       Millis leave_by = 0);
ClusterView without(const ClusterView& view, std::span<const NodeId> gone);
ClusterView with_shards(const ClusterView& view, std::vector<ShardOwners> shards);

} // namespace graphrag::cluster
