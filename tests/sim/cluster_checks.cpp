// What must hold in a simulated cluster: at an answer, at a new view, at rest.
#include "cluster/placement.hpp"
#include "tests/sim/cluster_world.hpp"

namespace graphrag::cluster::sim {
namespace {

constexpr Millis slack = 200; // two steps of a node

} // namespace

void World::ended(const Op& op, const OpResult& result) {
  ++tally_.events;
  busy_clients_.erase(op.client);
  if (op.kind != OpKind::query && !result.ok) ++tally_.unknown;
  if (op.kind == OpKind::put && result.ok) {
    ++tally_.acknowledged;
    history_.require(accepted_.contains(op.id), "a document was acknowledged and is lost");
  } else if (op.kind == OpKind::remove && result.ok) {
    ++tally_.deletes;
    history_.delete_answered(op.doc, result.seq, now_);
  } else if (op.kind == OpKind::query) {
    result.ok ? ++tally_.questions : ++tally_.partial;
    auto& token = tokens_[op.client];
    for (const auto& answer : result.answers) {
      for (DocId doc = 0; doc < documents; ++doc) {
        if (shard_of(doc) != answer.shard) continue;
        const auto shown = answer.versions.find(doc);
        history_.shown(op.client, doc, shown == answer.versions.end() ? 0 : shown->second,
                       answer.applied, op.began);
      }
      token = std::max(token, answer.applied);
    }
  }
}

void World::check_read(const NodeId& reader) {
  const auto truth = database_.truth();
  history_.require(!has_expired(truth, reader, settings_),
                   "a node answers after its right to read has ended");
  tally_.reads_on_attestation += lease_ended(truth, reader);
}

void World::check_new_view(const ClusterView& before) {
  const auto& view = database_.view();
  ++tally_.views;
  if (trace) {
    std::string line = "view " + std::to_string(view.version) + ":";
    for (const auto& member : view.members)
      line += " " + std::to_string(member.id.ordinal) + "jul"[static_cast<int>(member.state)];
    for (const auto& owners : view.shards)
      line += " " + std::to_string(owners.serving.size()) + "/" +
              std::to_string(owners.loading.size()) + "/" + std::to_string(owners.retiring.size());
    note(line);
  }
  std::map<NodeOrdinal, std::uint64_t> held;
  for (std::uint32_t shard = 0; shard < view.shards.size(); ++shard) {
    const auto& owners = view.shards[shard];
    for (const auto* list : {&owners.serving, &owners.loading, &owners.retiring})
      for (auto node : *list) held[node] += bytes_per_shard;
    for (auto node : owners.serving) {
      const auto* member = view.find(node);
      const auto* process = member == nullptr ? nullptr : find(member->id);
      if (process != nullptr && shard < before.shards.size() &&
          !contains(before.shards[shard].serving, node))
        history_.require(process->node->loader(shard).loaded(), "a node serves what it lacks");
    }
  }
  for (const auto& [node, bytes] : held)
    history_.require(view.find(node) != nullptr && bytes <= view.find(node)->memory_budget,
                     "a placement exceeds a node's memory");
  for (const auto& member : before.members) {
    if (view.find(member.id) != nullptr) continue;
    const auto* process = find(member.id);
    history_.require(process == nullptr || !process->node->may_read_now(),
                     "a node is removed while it may answer questions");
  }
}

void World::check_deadlines() {
  for (const auto& [address, process] : processes_) {
    if (process.paused) continue;
    for (const auto& [id, op] : process.node->open())
      history_.require(now_ <= op.deadline + slack, "a request outlives its deadline");
  }
}

std::string World::unrest() const {
  const auto& view = database_.view();
  if (!is_complete(view, settings_)) return "shards lack replicas";
  for (DocId doc = 0; doc < documents; ++doc)
    if (database_.waits(doc)) return "a document waits";
  std::size_t up = 0;
  for (const auto& [address, process] : processes_) {
    const auto& node = *process.node;
    if (node.membership().phase() != Phase::up)
      return to_string(process.id) + " is not up, phase " +
             std::to_string(static_cast<int>(node.membership().phase()));
    ++up;
    if (node.membership().view() != view) return "not all have the newest view";
    if (node.pending()) return "requests are pending";
    if (!node.may_read_now()) return "a node may not read";
    for (std::uint32_t shard = 0; shard < settings_.shards; ++shard) {
      if (!node.loader(shard).counted_on()) continue;
      if (node.content(shard) != database_.content(shard).versions)
        return "a replica differs from the store";
    }
  }
  return up == view.members.size() ? "" : "a member is dead";
}

bool World::at_rest() const { return unrest().empty(); }

} // namespace graphrag::cluster::sim
