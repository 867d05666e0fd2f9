// Vectors, models, verdicts, jobs and replies of a draft; documents are in draft.cpp.
#include "runtime/store/postgres/draft.hpp"

namespace graphrag::runtime::postgres {

void Draft::save_vectors(const DocumentRow& row, const ChunkVectors& vectors, std::uint64_t) {
  auto& document = at(row.record.key);
  document.vectors[vectors.model] = &vectors;
  document.changed = document.visible = true;
  document.kind = ChangeKind::embed;
}

bool Draft::has_model(const std::string& hash) { return models.contains(hash); }

void Draft::save_model(const ModelRecord& model) {
  std::erase_if(models, [&](const auto& entry) {
    return entry.first != model.hash &&
           (model.state == ModelState::active || entry.second.state == model.state);
  });
  models[model.hash] = model;
  models_changed = true;
}

bool Draft::remove_model(const std::string& hash) {
  if (models.erase(hash) == 0) return false;
  models_changed = true;
  return true;
}

bool Draft::prune_vectors(std::uint32_t limit) {
  bool any = false;
  for (auto& [key, document] : documents)
    any = std::erase_if(document.vectors,
                        [&](const auto& entry) { return !models.contains(entry.first); }) > 0 ||
          any;
  Array known(ArrayOf::text);
  for (const auto& [hash, model] : models) known.add(hash);
  // Models that have vectors are few: each is found by a jump over the index. A row that another
  // batch is changing is left to the next call.
  std::vector<Statement> flight;
  flight.emplace_back("WITH RECURSIVE held(model) AS ("
                      "  (SELECT model FROM embeddings ORDER BY model LIMIT 1)"
                      "  UNION ALL SELECT (SELECT e.model FROM embeddings e"
                      "    WHERE e.model > held.model ORDER BY e.model LIMIT 1)"
                      "  FROM held WHERE held.model IS NOT NULL), "
                      "gone AS (SELECT model FROM held WHERE model IS NOT NULL"
                      "  AND model <> ALL($1) LIMIT 1), "
                      "slice AS MATERIALIZED (SELECT document_id, model FROM embeddings"
                      "  WHERE model = (SELECT model FROM gone) LIMIT $2 FOR UPDATE SKIP LOCKED) "
                      "DELETE FROM embeddings e USING slice "
                      "WHERE e.document_id = slice.document_id AND e.model = slice.model",
                      std::move(known), limit);
  auto answers = connection_.fly(flight, deadline_);
  failed_ = !answers;
  return answers && (any || answers->front().changed_rows() > 0);
}

std::optional<Verdict> Draft::verdict(const std::string& collection, const std::string& first,
                                      const std::string& second) {
  return verdicts[{collection, {first, second}}].verdict;
}

std::size_t Draft::verdict_count(const std::string& collection) {
  return collections.at(collection).verdicts;
}

void Draft::save_verdict(const SaveVerdictOp& op, std::int64_t now_ms, std::uint64_t) {
  auto& draft = verdicts[{op.collection, {op.first, op.second}}];
  auto& collection = collections.at(op.collection);
  collection.verdicts += (op.same.has_value() ? 1 : 0);
  collection.verdicts -= (draft.verdict.has_value() ? 1 : 0);
  collection.verdicts_changed = true;
  draft.changed = true;
  draft.verdict.reset();
  if (op.same) draft.verdict = Verdict{op.first, op.second, *op.same, now_ms};
}

void Draft::save_job(const SaveJobOp& op) {
  auto& job = jobs[op.id];
  job = {.exists = true,
         .collection = op.collection,
         .owner = std::move(job.owner),
         .owner_changed = job.owner_changed,
         .kept = &op};
}

std::optional<std::string> Draft::job_owner(const std::string& id) {
  const auto& job = jobs[id];
  if (!job.exists) return std::nullopt;
  return job.owner;
}

void Draft::set_job_owner(const std::string& id, const std::string& owner) {
  auto& job = jobs[id];
  job.owner = owner;
  job.owner_changed = true;
}

bool Draft::remove_job(const std::string& id) {
  auto& job = jobs[id];
  if (!job.exists) return false;
  job = {.removed = true};
  return true;
}

std::optional<RememberedReply> Draft::reply(const std::string& collection, const std::string& key) {
  const auto& found = replies[{collection, key}];
  if (found.kept && found.kept->expires_ms <= replies_now_ms_) return std::nullopt;
  return found.reply;
}

void Draft::save_reply(const RememberReplyOp& op) {
  replies[{op.collection, op.key}] = {RememberedReply{op.fingerprint, op.status, op.body}, &op};
}

} // namespace graphrag::runtime::postgres
