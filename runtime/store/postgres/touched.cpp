#include "runtime/store/postgres/touched.hpp"

#include <algorithm>
#include <map>
#include <xxhash.h>

#include "runtime/store/rules/input_checks.hpp"

namespace graphrag::runtime::postgres {
namespace {

class Finder {
public:
  explicit Finder(Touched& touched) : touched_(touched) {}

  void operator()(const AcceptOp& op) {
    touched_.documents.insert(op.input.key);
    if (!op.input.blob.empty()) touched_.brought_blobs.insert(op.input.blob);
  }
  void operator()(const CommitOp& op) {
    touched_.documents.insert(op.input.key);
    if (!op.input.blob.empty()) touched_.brought_blobs.insert(op.input.blob);
    if (!op.vector.empty() && !op.claim) touched_.with_vectors.insert(op.input.key);
    for (const auto& chunk : op.chunks)
      touched_.chunk_ids.emplace(op.input.key.collection, chunk.id);
  }
  void operator()(const EmbedOp& op) {
    touched_.documents.insert(op.key);
    touched_.needs_models = true;
  }
  void operator()(const CreateCollectionOp& op) { touched_.made_or_dropped.insert(op.name); }
  void operator()(const DropCollectionOp& op) {
    touched_.made_or_dropped.insert(op.name);
    touched_.dropped.insert(op.name);
  }
  void operator()(const SaveJobOp& op) { touched_.jobs.insert(op.id); }
  void operator()(const RemoveJobOp& op) { touched_.jobs.insert(op.id); }
  void operator()(const ClaimJobOp& op) { touched_.jobs.insert(op.id); }
  void operator()(const RememberReplyOp& op) { touched_.replies.emplace(op.collection, op.key); }
  void operator()(const SaveModelOp&) { touched_.changes_models = true; }
  void operator()(const RemoveModelOp&) { touched_.changes_models = true; }
  void operator()(const PruneVectorsOp&) { touched_.changes_models = true; }
  void operator()(const SaveVerdictOp& op) {
    auto [first, second] = std::minmax(op.first, op.second);
    touched_.verdicts.push_back({first, second});
    touched_.verdict_collections.push_back(op.collection);
  }
  template <class Op>
  void operator()(const Op& op) {
    touched_.documents.insert(op.key);
  }

private:
  Touched& touched_;
};

std::int64_t lock_key(char kind, std::string_view first, std::string_view second = {}) {
  std::string name = "graphrag ";
  name += kind;
  name += first;
  name += '\0';
  name += second;
  return static_cast<std::int64_t>(XXH3_64bits(name.data(), name.size()));
}

} // namespace

Touched touched_by(std::span<const WriteOp> ops) {
  Touched touched;
  for (const auto& op : ops) {
    if (!check_input(op)) continue;
    const auto& collection = collection_of(op);
    if (!collection.empty()) touched.collections.insert(collection);
    std::visit(Finder(touched), op);
  }
  return touched;
}

Lock writer_lock(const std::string& writer) { return {lock_key('w', writer), false}; }

Lock all_documents_lock(bool shared) { return {lock_key('a', ""), shared}; }

std::vector<Lock> locks_of(const Touched& touched, const std::string& writer) {
  std::map<std::int64_t, bool> shared; // by key; exclusive wins
  auto add = [&](Lock lock) {
    auto [entry, fresh] = shared.try_emplace(lock.key, lock.shared);
    if (!fresh) entry->second = entry->second && lock.shared;
  };
  add(writer_lock(writer));
  bool many = touched.documents.size() > most_document_locks;
  if (!touched.documents.empty() || !touched.dropped.empty()) add(all_documents_lock(!many));
  if (!many)
    for (const auto& key : touched.documents) add({lock_key('d', key.collection, key.id), false});
  for (const auto& name : touched.collections)
    add({lock_key('c', name), !touched.made_or_dropped.contains(name)});
  for (const auto& id : touched.jobs) add({lock_key('j', id), false});
  for (const auto& [collection, key] : touched.replies)
    add({lock_key('r', collection, key), false});
  for (const auto& name : touched.verdict_collections) add({lock_key('v', name), false});
  if (touched.changes_models || touched.needs_models)
    add({lock_key('m', ""), !touched.changes_models});
  std::vector<Lock> locks;
  for (const auto& [key, is_shared] : shared) locks.push_back({key, is_shared});
  return locks;
}

} // namespace graphrag::runtime::postgres
