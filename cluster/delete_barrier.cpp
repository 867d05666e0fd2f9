#include "cluster/delete_barrier.hpp"

namespace graphrag::cluster {

void DeleteBarrier::on_view(const ClusterView& view) {
  if (begun_ || view.version < version_) return;
  begun_ = true;
  for (const auto& member : view.members)
    if (reads(view, shard_, member.id.ordinal)) waiting_.push_back(member.id);
}

void DeleteBarrier::on_report(const AppliedReport& report) {
  if (!begun_ || (report.reads ? report.applied < seq_ : report.seen_view < version_)) return;
  std::erase(waiting_, report.node);
}

void DeleteBarrier::on_snapshot(const Snapshot& snapshot) {
  on_view(snapshot.view);
  if (!begun_ || snapshot.seq < seq_ || snapshot.view.version < version_) return;
  std::erase_if(waiting_,
                [&](const NodeId& node) { return has_expired(snapshot, node, settings_); });
}

} // namespace graphrag::cluster
