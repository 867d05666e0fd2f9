#include "actors/chunk/chunk_actor.hpp"

namespace graphrag::chunk {

bool ChunkActor::wants(const LogEntry& entry) const {
  if (entry.id.empty()) return entry.kind != runtime::ChangeKind::verdicts;
  return runtime::shard_of(runtime::slot_of(entry.collection, entry.id), views().shards()) ==
         shard_;
}

void ChunkActor::apply(std::uint64_t seq, const std::string& collection,
                       std::span<const LogEntry> entries) {
  entries = after_last_drop(views(), seq, collection, entries);
  if (entries.empty()) return;
  auto target = views().ensure(number(), collection, seq);
  if (!target.index) return;
  std::vector<DocumentChange> changes;
  for (const auto& entry : entries)
    if (!entry.id.empty())
      changes.push_back({entry.id, entry.document, entry.vectors, entry.facets});
  if (changes.empty()) return;
  target.index->apply(shard_, seq, changes);
  target.index->compact(shard_); // when it is worth it, as is the next
  target.index->renew();
}

} // namespace graphrag::chunk
