// What a new view, or a new phase of life, means to the node.
#include "cluster/node/node_core.hpp"
#include "cluster/node/peer_names.hpp"
#include "observability/log.hpp"

namespace graphrag::cluster {
namespace {

using observability::log_error;
using observability::log_info;
using runtime::Errc;
using runtime::fail;

std::string difference(const ClusterView& before, const ClusterView& after) {
  std::string out;
  const auto say = [&](const std::string& what) { out += (out.empty() ? "" : ", ") + what; };
  for (const auto& member : after.members) {
    const auto* old = before.find(member.id);
    if (old == nullptr || old->state != member.state)
      say(to_string(member.id) + " is " + to_string(member.state));
  }
  for (const auto& member : before.members)
    if (after.find(member.id) == nullptr) say(to_string(member.id) + " is gone");
  std::size_t moved = 0;
  for (std::size_t shard = 0; shard < after.shards.size(); ++shard)
    moved += shard >= before.shards.size() || before.shards[shard] != after.shards[shard];
  if (moved != 0) say(std::to_string(moved) + " shards change owners");
  return out;
}

} // namespace

void ClusterNode::Core::install_view() {
  const auto& view = membership_.view();
  if (view.version == seen_version_) return;
  const auto text = difference(*board->view(), view);
  log_info("the cluster's view changed",
           {{"cluster.view", static_cast<std::int64_t>(view.version)}, {"cluster.change", text}});
  seen_version_ = view.version;
  watch_.on_view(view);
  std::erase_if(reports_, [&](auto& entry) { return view.find(entry.first) == nullptr; });
  follow_replicas(view);
  for (auto& [id, wait] : waits_)
    if (wait.barrier) wait.barrier->on_view(view);
  board->set_view(std::make_shared<ClusterView>(view));
  if (!net_.set_peers) return;
  if (view.find(membership_.self()) == nullptr) return net_.set_peers({});
  net_.set_peers(peers_of(view, membership_.self(), options.certificate_name));
}

void ClusterNode::Core::follow_phase() {
  board->member = membership_.is_member();
  board->planner = membership_.is_member() &&
                   planner(membership_.snapshot(), options.settings) == membership_.self();
  const auto phase = membership_.phase();
  if (phase == phase_) return;
  phase_ = phase;
  board->phase = phase;
  const auto name = to_string(membership_.self());
  log_info("this node's membership",
           {{"cluster.node", name}, {"cluster.phase", std::string_view{to_string(phase)}}});
  if (phase == Phase::left) end(NodeEnd::left, "the node has left the cluster");
  if (phase == Phase::fenced)
    end(NodeEnd::fenced, "others have removed this node from the cluster: it must end");
}

void ClusterNode::Core::end_if_stale(Millis now) {
  freshness_.stands(now, host_.needed_after());
  if (membership_.lost_database() || !freshness_.late(now)) return;
  end(NodeEnd::stale,
      "it has not read the log for too long before it became a member, and may have "
      "missed deletions: it must start anew");
}

void ClusterNode::Core::end(NodeEnd how, const std::string& why) {
  board->end();
  board->member = false;
  if (std::exchange(ended_, true)) return;
  if (how == NodeEnd::fenced) log_error(why, {{"cluster.node", to_string(membership_.self())}});
  if (net_.set_peers) net_.set_peers({});
  if (how == NodeEnd::left) board->phase = Phase::left;
  for (const auto& left : std::exchange(leaving_, {}))
    left.fulfil(how == NodeEnd::left ? runtime::Status{} : fail(Errc::conflict, why));
  if (options.on_end) options.on_end(how, why);
}

} // namespace graphrag::cluster
