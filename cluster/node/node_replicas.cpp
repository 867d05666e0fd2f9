// The shards on this node: what the view wants, what the host holds, what may be read.
#include "cluster/node/node_core.hpp"
#include "observability/log.hpp"

namespace graphrag::cluster {

using Kind = ShardState::Kind;

// A view without this very process wants nothing here, whoever has its ordinal.
void ClusterNode::Core::follow_replicas(const ClusterView& view) {
  static const ClusterView nothing;
  const auto& followed = view.find(membership_.self()) == nullptr ? nothing : view;
  for (auto& loader : loaders_) {
    const auto shard = loader.shard();
    const bool unwanted = loader.follow(followed, membership_.self().ordinal);
    if (!serves(shard)) board->set_token(shard, 0);
    if (!unwanted) continue;
    host_.drop(shard);
    states_[shard] = {};
  }
}

void ClusterNode::Core::look_at(std::uint32_t shard) {
  auto& loader = loaders_[shard];
  auto state = host_.state(shard);
  if (state.attempt != loader.attempt()) state = {}; // what is left of an abandoned load
  states_[shard] = state;
  if (state.kind == Kind::loaded) {
    sizes_.heard(shard, state.bytes);
    if (!loader.holds()) loader.on_snapshot(state.attempt, state.applied);
    loader.on_tail(loader.applied(), state.applied);
  } else if (loader.holds()) {
    loader.lost();
    board->set_token(shard, 0);
    probe_.lost.Increment();
    observability::log_warn("a shard's replica was lost and is loaded again",
                            {{"cluster.shard", std::int64_t{shard}}});
  }
}

void ClusterNode::Core::step_replicas(Millis now) {
  for (auto& loader : loaders_) {
    const auto& state = states_[loader.shard()];
    if (state.kind == Kind::loading && state.attempt == loader.attempt()) continue;
    const auto attempt = loader.wants_snapshot(now);
    if (!attempt) continue;
    ++moves_;
    probe_.loads.Increment();
    host_.load(loader.shard(), *attempt);
  }
}

bool ClusterNode::Core::serves(std::uint32_t shard) const {
  const auto& loader = loaders_[shard];
  return membership_.is_member() && !watch_.isolated() && loader.serves() &&
         states_[shard].kind == Kind::loaded &&
         loader.applied() >= membership_.read_right().floor();
}

void ClusterNode::Core::publish_right() {
  for (std::uint32_t shard = 0; shard < loaders_.size(); ++shard) {
    const bool may = serves(shard);
    if (may != (board->token(shard) != 0)) board->set_token(shard, may ? ++last_token_ : 0);
  }
  board->set_until(membership_.read_right().until());
}

void ClusterNode::Core::publish_status(Millis now) {
  auto status = make_status(now);
  probe_.show(status);
  board->set_status(std::make_shared<NodeStatus>(std::move(status)));
}

MemberStatus::Report ClusterNode::Core::own_report() const {
  MemberStatus::Report out;
  const auto end = membership_.snapshot().seq;
  for (const auto& loader : loaders_) {
    const auto& state = states_[loader.shard()];
    out.bytes += state.bytes;
    if (loader.counted_on()) {
      ++out.served;
      out.lag = std::max(out.lag, end - std::min(end, loader.applied()));
    } else {
      out.loading += state.kind == Kind::loading;
    }
  }
  return out;
}

NodeStatus ClusterNode::Core::make_status(Millis now) const {
  NodeStatus out;
  const auto& snapshot = membership_.snapshot();
  const auto& right = membership_.read_right();
  out.self = membership_.self();
  out.phase = board->phase;
  out.view_version = snapshot.view.version;
  const auto plans = planner(snapshot, options.settings);
  for (const auto& member : snapshot.view.members) {
    MemberStatus status{member, member.id == out.self, watch_.reached(member.id, now),
                        plans == member.id, std::nullopt};
    if (const auto at = reports_.find(member.id); at != reports_.end()) status.report = at->second;
    if (status.self) status.report = own_report();
    out.members.push_back(std::move(status));
  }
  out.placement = snapshot.view.shards;
  for (const auto& loader : loaders_) {
    const auto shard = loader.shard();
    const bool wanted =
        loader.counted_on() ||
        (shard < out.placement.size() && contains(out.placement[shard].loading, out.self.ordinal));
    out.shards.push_back({states_[shard], wanted, board->token(shard) != 0});
  }
  if (plans == out.self) out.no_room = membership_.no_room(); // else it may be an old plan's
  out.reaches_quorum = watch_.reaches_quorum(now);
  out.isolated = watch_.isolated();
  out.lost_database = membership_.lost_database();
  if (contact_) out.database_age = now - *contact_;
  out.right_left = std::max<Millis>(0, right.held(now) ? right.until() - now : 0);
  out.log_seq = snapshot.seq;
  out.moves = moves_;
  for (const auto& [id, wait] : waits_) out.deletes_waiting += wait.barrier.has_value();
  return out;
}

} // namespace graphrag::cluster
