#include "cluster/node/node_probe.hpp"

#include <algorithm>

#include "observability/metrics.hpp"

namespace graphrag::cluster {
namespace {

using observability::counter;
using observability::gauge;

prometheus::Gauge& shards(const std::string& state) {
  return gauge("graphrag_cluster_shards", "Shards on this node, by state.", {{"state", state}});
}

} // namespace

NodeProbe::NodeProbe()
    : loads(counter("graphrag_cluster_loads_total", "Replicas that began to load on this node.")),
      lost(counter("graphrag_cluster_replicas_lost_total",
                   "Replicas that this node held and lost, and loads again.")),
      view_version_(gauge("graphrag_cluster_view_version", "Version of the newest view seen.")),
      right_left_(gauge("graphrag_cluster_read_right_seconds",
                        "How long this node may still answer questions if nothing is renewed.")),
      lag_(gauge("graphrag_cluster_lag", "Numbers of the log that the slowest served shard of this "
                                         "node has not applied.")),
      peers_reached_(
          gauge("graphrag_cluster_peers_reached", "Other members that answer this node's pings.")),
      deletes_waiting_(gauge("graphrag_cluster_deletes_waiting",
                             "Deletes that wait for replicas that might show the document.")),
      database_lost_(gauge("graphrag_cluster_database_lost",
                           "1 while the last call of the membership database failed.")),
      no_room_(gauge("graphrag_cluster_shards_without_room",
                     "Shards that lack a replica since no node has room; on the planner.")),
      serving_(shards("serving")) {
  for (auto state : {MemberState::joining, MemberState::up, MemberState::leaving})
    members_[state] = &gauge("graphrag_cluster_members", "Members of the cluster, by state.",
                             {{"state", to_string(state)}});
  shards_[ShardState::Kind::loading] = &shards("loading");
  shards_[ShardState::Kind::loaded] = &shards("loaded");
}

void NodeProbe::show(const NodeStatus& status) {
  view_version_.Set(static_cast<double>(status.view_version));
  right_left_.Set(static_cast<double>(status.right_left) / 1000);
  deletes_waiting_.Set(static_cast<double>(status.deletes_waiting));
  database_lost_.Set(status.lost_database);
  no_room_.Set(static_cast<double>(status.no_room.size()));
  std::map<MemberState, int> members;
  int reached = 0;
  for (const auto& member : status.members) {
    ++members[member.member.state];
    reached += member.reached && !member.self;
    if (member.self && member.report) lag_.Set(static_cast<double>(member.report->lag));
  }
  peers_reached_.Set(reached);
  for (auto& [state, metric] : members_) metric->Set(members[state]);
  std::map<ShardState::Kind, int> kinds;
  int serving = 0;
  for (const auto& shard : status.shards) ++kinds[shard.state.kind], serving += shard.serves;
  for (auto& [kind, metric] : shards_) metric->Set(kinds[kind]);
  serving_.Set(serving);
}

} // namespace graphrag::cluster
