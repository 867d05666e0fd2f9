// Vectors, models and verdicts of the memory adapter: rows of the writer, and reads.
#include <algorithm>
#include <tuple>

#include "runtime/store/memory/memory_store.hpp"

namespace graphrag::runtime::memory {

void MemoryRows::save_vectors(const DocumentRow& row, const ChunkVectors& vectors,
                              std::uint64_t seq) {
  const auto& key = row.record.key;
  auto& document = tables_.collections.at(key.collection).documents.at(key.id);
  document.embeddings[vectors.model] = std::make_shared<ChunkVectors>(vectors);
  document.row.record.seq = seq;
  document.kind = ChangeKind::embed;
}

bool MemoryRows::has_model(const std::string& hash) { return tables_.models.contains(hash); }

void MemoryRows::save_model(const ModelRecord& model) {
  std::erase_if(tables_.models, [&](const auto& entry) {
    return entry.first != model.hash &&
           (model.state == ModelState::active || entry.second.state == model.state);
  });
  tables_.models[model.hash] = model;
}

bool MemoryRows::remove_model(const std::string& hash) { return tables_.models.erase(hash) > 0; }

bool MemoryRows::prune_vectors(std::uint32_t limit) {
  std::uint32_t removed = 0;
  for (auto& [name, collection] : tables_.collections)
    for (auto& [id, document] : collection.documents)
      std::erase_if(document.embeddings, [&](const auto& entry) {
        return !tables_.models.contains(entry.first) && removed < limit && ++removed > 0;
      });
  return removed > 0;
}

std::optional<Verdict> MemoryRows::verdict(const std::string& collection, const std::string& first,
                                           const std::string& second) {
  const auto& verdicts = tables_.collections.at(collection).verdicts;
  auto found = verdicts.find({first, second});
  if (found == verdicts.end()) return std::nullopt;
  return found->second;
}

std::size_t MemoryRows::verdict_count(const std::string& collection) {
  return tables_.collections.at(collection).verdicts.size();
}

void MemoryRows::save_verdict(const SaveVerdictOp& op, std::int64_t now_ms, std::uint64_t seq) {
  auto& collection = tables_.collections.at(op.collection);
  if (op.same) {
    collection.verdicts[{op.first, op.second}] = {op.first, op.second, *op.same, now_ms};
  } else {
    collection.verdicts.erase({op.first, op.second});
  }
  collection.verdict_seq = seq;
}

Result<std::vector<ModelRecord>> MemoryStore::models() {
  std::lock_guard lock(mutex_);
  std::vector<ModelRecord> out;
  for (const auto& [hash, model] : tables_.models) out.push_back(model);
  std::ranges::stable_sort(out, [](const auto& a, const auto& b) { return a.state > b.state; });
  return out;
}

Result<std::vector<LackingVectors>>
MemoryStore::lacking_vectors(std::string_view model, std::uint64_t seq, std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<LackingVectors> out;
  for (const auto& [name, collection] : tables_.collections)
    for (const auto& [id, document] : collection.documents) {
      const auto& record = document.row.record;
      if (!document.content || record.chunk_count == 0 || record.seq <= seq) continue;
      if (document.embeddings.contains(std::string(model))) continue;
      out.push_back({record.key, record.live_version, record.seq, record.updated_ms});
    }
  std::ranges::sort(out, [](const auto& a, const auto& b) {
    return std::tie(a.seq, a.key) < std::tie(b.seq, b.key);
  });
  if (out.size() > limit) out.resize(limit);
  return out;
}

Result<std::uint64_t> MemoryStore::count_lacking_vectors(std::string_view model) {
  auto all = lacking_vectors(model, 0, SIZE_MAX);
  return all->size();
}

Result<std::vector<Verdict>> MemoryStore::verdicts(std::string_view collection) {
  std::lock_guard lock(mutex_);
  std::vector<Verdict> out;
  auto found = tables_.collections.find(std::string(collection));
  if (found == tables_.collections.end()) return out;
  for (const auto& [names, verdict] : found->second.verdicts) out.push_back(verdict);
  return out;
}

} // namespace graphrag::runtime::memory
