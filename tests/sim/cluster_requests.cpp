// What a simulated node does for its clients: puts, deletes, questions.
#include "tests/sim/cluster_node.hpp"

namespace graphrag::cluster::sim {

void SimNode::submit(Op op) {
  open_[op.id] = op;
  const auto id = op.id, doc = static_cast<std::uint64_t>(op.doc);
  if (op.kind == OpKind::put) {
    ground_.database(
        membership_.self(),
        [=, &ground = ground_](Database& database) {
          (void)database.accept(static_cast<DocId>(doc));
          ground.accepted(id);
        },
        [=, this] {
          finish(id, {true, 0, {}});
        });
    if (ground_.mistake() == Mistake::ack_before_commit) finish(id, {true, 0, {}});
  } else if (op.kind == OpKind::remove) {
    auto erased = std::make_shared<Database::Erased>();
    ground_.database(
        membership_.self(),
        [=](Database& database) { *erased = database.erase(static_cast<DocId>(doc)); },
        [=, this] {
          if (!open_.contains(id)) return;
          if (ground_.mistake() == Mistake::delete_before_replicas)
            return finish(id, {true, erased->seq, {}});
          auto& barrier = barriers_
                              .try_emplace(id, erased->seq, erased->view_version,
                                           shard_of(static_cast<DocId>(doc)), settings_)
                              .first->second;
          membership_.hint(erased->view_version);
          barrier.on_view(membership_.view());
          next_ask_ = 0;
          step_deletes(local());
        });
  } else {
    const auto left = op.deadline - ground_.now();
    routes_.try_emplace(
        id, Route{QueryRoute(membership_.self(), id, op.shards, local() + left, 20), {}});
    step_routes(local());
  }
}

void SimNode::finish(std::uint64_t op, OpResult result) {
  const auto at = open_.find(op);
  if (at == open_.end()) return;
  const auto ended = at->second;
  open_.erase(at);
  barriers_.erase(op);
  routes_.erase(op);
  ground_.ended(ended, result);
}

AppliedReport SimNode::report(std::uint32_t shard) const {
  const auto& loader = loaders_[shard];
  return {membership_.self(), seen_version_, loader.counted_on(), loader.applied()};
}

void SimNode::step_deletes(Millis now) {
  const bool ask = now >= next_ask_;
  if (ask) next_ask_ = now + 100;
  std::vector<std::uint64_t> done;
  for (auto& [op, barrier] : barriers_) {
    barrier.on_report(report(barrier.shard()));
    if (barrier.done()) {
      done.push_back(op);
    } else if (ask) {
      for (const auto& node : barrier.waiting()) {
        Message message;
        message.kind = Message::Kind::ask_applied;
        message.request = op;
        message.shard = barrier.shard();
        if (node != membership_.self()) send(node, std::move(message));
      }
    }
  }
  for (auto op : done) {
    const auto seq = barriers_.at(op).seq();
    finish(op, {true, seq, {}});
  }
}

std::vector<ShardAnswer> SimNode::read(const std::vector<std::uint32_t>& shards,
                                       std::uint64_t after) {
  std::vector<ShardAnswer> out;
  if (!membership_.is_member() || watch_.isolated()) return out;
  for (auto shard : shards) {
    if (shard >= loaders_.size()) continue;
    const auto& loader = loaders_[shard];
    const auto& right = membership_.read_right();
    const bool may = ground_.mistake() == Mistake::read_lease_ignored ||
                     (ground_.mistake() == Mistake::lease_not_checked_after_pause
                          ? right_at_tick_ && loader.applied() >= right.floor()
                          : right.may_read(local(), loader.applied()));
    if (!may || !loader.serves() || loader.applied() < after) continue;
    ground_.check_read(membership_.self());
    out.push_back({shard, loader.applied(), contents_[shard]});
  }
  return out;
}

void SimNode::step_routes(Millis now) {
  std::vector<std::uint64_t> ids;
  for (const auto& [op, route] : routes_) ids.push_back(op);
  for (auto op : ids) {
    const auto at = routes_.find(op);
    if (at == routes_.end()) continue;
    for (auto& sent : at->second.route.next(now, membership_.view())) {
      Message message;
      message.kind = Message::Kind::read;
      message.request = op;
      message.number = sent.number;
      message.seq = open_.at(op).after;
      message.shards = sent.shards;
      if (sent.to != membership_.self()) {
        send(sent.to, std::move(message));
        continue;
      }
      message.answers = read(message.shards, message.seq);
      on_answer(membership_.self(), message);
      if (!routes_.contains(op)) break;
    }
  }
}

void SimNode::on_answer(const NodeId& from, const Message& message) {
  const auto at = routes_.find(message.request);
  if (at == routes_.end()) return;
  std::vector<std::uint32_t> answered;
  for (const auto& answer : message.answers) answered.push_back(answer.shard);
  const auto counts = at->second.route.on_answer(local(), from, message.number, answered);
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i]) at->second.result.answers.push_back(message.answers[i]);
  if (at->second.route.missing() > 0) return;
  auto result = std::move(at->second.result);
  result.ok = true;
  finish(message.request, std::move(result));
}

} // namespace graphrag::cluster::sim
