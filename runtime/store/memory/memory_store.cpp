#include "runtime/store/memory/memory_store.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "runtime/store/rules/change_order.hpp"
#include "runtime/store/rules/claim_rounds.hpp"
#include "runtime/store/rules/input_checks.hpp"

namespace graphrag::runtime {

std::unique_ptr<Store> make_memory_store(std::shared_ptr<const Clock> clock) {
  if (!clock) clock = std::make_shared<SystemClock>();
  return std::make_unique<memory::MemoryStore>(std::move(clock));
}

namespace memory {

MemoryStore::MemoryStore(std::shared_ptr<const Clock> clock) : clock_(std::move(clock)) {
  tables_.collections["default"].created_ms = clock_->wall_ms();
}

Result<WriteSummary> MemoryStore::write(std::span<const WriteOp> ops) {
  std::lock_guard lock(mutex_);
  MemoryRows rows(tables_);
  return run_batch(rows, ops, clock_->wall_ms());
}

const Document* MemoryStore::find(const DocumentKey& key) const {
  auto collection = tables_.collections.find(key.collection);
  if (collection == tables_.collections.end()) return nullptr;
  auto found = collection->second.documents.find(key.id);
  return found == collection->second.documents.end() ? nullptr : &found->second;
}

Result<DocumentRecord> MemoryStore::document(const DocumentKey& key) {
  std::lock_guard lock(mutex_);
  const auto* found = find(key);
  if (!found) return fail(Errc::not_found, "no such document");
  return found->row.record;
}

Result<DocumentContent> MemoryStore::content(const DocumentKey& key) {
  std::lock_guard lock(mutex_);
  const auto* found = find(key);
  if (!found || !found->content) return fail(Errc::not_found, "no live version");
  return content_of(tables_, *found);
}

Result<std::vector<DocumentContent>> MemoryStore::contents(std::span<const DocumentKey> keys) {
  std::lock_guard lock(mutex_);
  std::vector<DocumentContent> out;
  for (const auto& key : std::set<DocumentKey>(keys.begin(), keys.end()))
    if (const auto* found = find(key); found && found->content)
      out.push_back(content_of(tables_, *found));
  return out;
}

Result<std::vector<CollectionRecord>> MemoryStore::collections() {
  std::lock_guard lock(mutex_);
  std::vector<CollectionRecord> out;
  for (const auto& [name, collection] : tables_.collections)
    out.push_back({name, collection.created_ms, collection.documents.size()});
  return out;
}

Result<DocumentRecord> MemoryStore::find_upload(std::string_view collection,
                                                std::string_view filename,
                                                std::string_view content_hash) {
  std::lock_guard lock(mutex_);
  auto where = tables_.collections.find(std::string(collection));
  if (where == tables_.collections.end()) return fail(Errc::not_found, "no such collection");
  const DocumentRecord* best = nullptr;
  for (const auto& [id, document] : where->second.documents) {
    const auto& record = document.row.record;
    if (record.filename != filename || record.content_hash != content_hash) continue;
    if (!is_made_document_id(id)) continue;
    if (!best || record.created_ms < best->created_ms) best = &record;
  }
  if (!best) return fail(Errc::not_found, "no such upload");
  return *best;
}

Result<DocumentKey> MemoryStore::chunk_owner(std::string_view collection,
                                             std::string_view chunk_id) {
  std::lock_guard lock(mutex_);
  auto where = tables_.collections.find(std::string(collection));
  if (where == tables_.collections.end()) return fail(Errc::not_found, "no such collection");
  auto found = where->second.chunk_owner.find(std::string(chunk_id));
  if (found == where->second.chunk_owner.end()) return fail(Errc::not_found, "no such chunk");
  return DocumentKey{std::string(collection), found->second};
}

Result<std::uint64_t> MemoryStore::last_seq() {
  std::lock_guard lock(mutex_);
  return tables_.last_seq;
}

Result<std::uint64_t> MemoryStore::scan_live(const std::string& collection,
                                             const std::function<bool(DocumentContent&&)>& each) {
  std::vector<DocumentContent> snapshot;
  std::uint64_t seq = 0;
  {
    std::lock_guard lock(mutex_);
    seq = tables_.last_seq;
    for (const auto& [name, rows] : tables_.collections) {
      if (!collection.empty() && name != collection) continue;
      for (const auto& [id, document] : rows.documents)
        if (document.content) snapshot.push_back(content_of(tables_, document));
    }
  }
  for (auto& content : snapshot)
    if (!each(std::move(content))) break;
  return seq;
}

Result<std::vector<Change>> MemoryStore::changes_after(std::uint64_t seq, std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<Change> found;
  auto add = [&](std::uint64_t at, ChangeKind kind, DocumentKey key) {
    if (at > seq) found.push_back({at, kind, std::move(key)});
  };
  for (const auto& [name, at] : tables_.drops) add(at, ChangeKind::drop_collection, {name, ""});
  for (const auto& [name, collection] : tables_.collections) {
    add(collection.seq, ChangeKind::create_collection, {name, ""});
    add(collection.verdict_seq, ChangeKind::verdicts, {name, ""});
    for (const auto& [id, dead] : collection.tombstones)
      add(dead.seq, ChangeKind::remove, {name, id});
    for (const auto& [id, document] : collection.documents)
      if (document.content) add(document.row.record.seq, document.kind, {name, id});
  }
  order_changes(found, limit);
  return found;
}

Status MemoryStore::trim_changes(std::uint64_t seq) {
  std::lock_guard lock(mutex_);
  trim(tables_, seq);
  return {};
}

Result<std::vector<Claimable>> MemoryStore::claimable(std::size_t per_collection, std::size_t limit,
                                                      std::span<const std::string> busy) {
  std::lock_guard lock(mutex_);
  std::vector<Claimable> found;
  for (const auto& [name, collection] : tables_.collections) {
    std::map<std::pair<std::int64_t, std::string>, const DocumentRecord*> queued;
    for (const auto& [id, document] : collection.documents) {
      const auto& record = document.row.record;
      if (record.state == DocumentState::queued && is_free_of(record.owner, busy))
        queued[{record.updated_ms, id}] = &record;
    }
    std::size_t taken = 0;
    for (const auto& [age, record] : queued) {
      if (taken++ == per_collection) break;
      found.push_back({record->key, record->epoch, record->updated_ms, record->owner});
    }
  }
  return in_rounds(std::move(found), limit);
}

Result<std::vector<Backlog>> MemoryStore::backlog() {
  std::lock_guard lock(mutex_);
  std::vector<Backlog> out;
  for (const auto& [name, collection] : tables_.collections) {
    auto& backlog = out.emplace_back(Backlog{name});
    for (const auto& [id, document] : collection.documents) {
      const auto& record = document.row.record;
      if (record.state == DocumentState::failed) ++backlog.failed;
      if (record.state != DocumentState::queued) continue;
      if (backlog.queued++ == 0 || record.updated_ms < backlog.oldest_ms)
        backlog.oldest_ms = record.updated_ms;
    }
  }
  return out;
}

Result<JobRecord> MemoryStore::job(std::string_view id) {
  std::lock_guard lock(mutex_);
  auto found = tables_.jobs.find(std::string(id));
  if (found == tables_.jobs.end()) return fail(Errc::not_found, "no such job");
  return found->second;
}

Result<std::vector<JobRecord>> MemoryStore::jobs(std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<JobRecord> out;
  for (const auto& [id, job] : tables_.jobs) out.push_back(job);
  std::ranges::stable_sort(
      out, [](const auto& a, const auto& b) { return a.updated_ms > b.updated_ms; });
  if (out.size() > limit) out.resize(limit);
  return out;
}

Result<RememberedReply> MemoryStore::remembered(std::string_view collection, std::string_view key,
                                                std::int64_t now_ms) {
  std::lock_guard lock(mutex_);
  tables_.replies_now_ms = std::max(tables_.replies_now_ms, now_ms);
  auto where = tables_.collections.find(std::string(collection));
  if (where == tables_.collections.end()) return fail(Errc::not_found, "no such collection");
  auto found = where->second.replies.find(std::string(key));
  if (found == where->second.replies.end() || found->second.expires_ms <= now_ms)
    return fail(Errc::not_found, "no remembered reply");
  return found->second.reply;
}

Result<std::vector<std::string>> MemoryStore::blobs() {
  std::lock_guard lock(mutex_);
  std::set<std::string> out;
  for (const auto& [name, collection] : tables_.collections)
    for (const auto& [id, document] : collection.documents) {
      out.insert(document.row.record.blob);
      if (document.row.live) out.insert(document.row.live->blob);
    }
  for (const auto& [hash, model] : tables_.models) out.insert(model.blob);
  out.erase("");
  return std::vector<std::string>(out.begin(), out.end());
}

Result<std::vector<std::string>> MemoryStore::check() {
  std::lock_guard lock(mutex_);
  std::vector<std::string> findings;
  for (const auto& [name, collection] : tables_.collections) {
    std::size_t chunks = 0;
    for (const auto& [id, document] : collection.documents) {
      const auto& record = document.row.record;
      if ((record.live_version != 0) != (document.content != nullptr))
        findings.push_back("live document without text: " + name + "/" + id);
      std::size_t held = document.content ? document.content->chunks.size() : 0;
      if (record.chunk_count != held) findings.push_back("wrong chunk count: " + name + "/" + id);
      chunks += held;
    }
    if (chunks != collection.chunk_owner.size())
      findings.push_back("chunk ids do not match the chunks: " + name);
  }
  return findings;
}

Status MemoryStore::backup_to(const std::string&) {
  return fail(Errc::unavailable, "a memory store has nothing on disk");
}

} // namespace memory
} // namespace graphrag::runtime
