#include "actors/chunk/follower.hpp"

#include <algorithm>
#include <map>

#include "runtime/check.hpp"

namespace graphrag::chunk {
namespace {
// More than one commit can hold (document::max_ops_per_commit), so a page never cuts a number.
constexpr std::size_t changes_per_read = 4096;
constexpr std::size_t documents_per_read = 64; // with their texts

bool lacks_document(const LogEntry& entry) {
  bool of_document = entry.kind == runtime::ChangeKind::commit ||
                     entry.kind == runtime::ChangeKind::patch ||
                     entry.kind == runtime::ChangeKind::embed;
  return of_document && !entry.document && !entry.vectors;
}
} // namespace

std::shared_ptr<LiveDocument> to_live(runtime::DocumentContent&& content) {
  auto live = std::make_shared<LiveDocument>();
  auto& record = content.record;
  live->id = record.key.id;
  live->version = record.live_version;
  live->title = std::move(record.title);
  live->filename = std::move(record.filename);
  live->mime = std::move(record.mime);
  live->metadata = std::move(record.metadata);
  live->created_ms = record.created_ms;
  live->updated_ms = record.updated_ms;
  live->bytes = record.bytes;
  live->content_hash = std::move(record.content_hash);
  live->text = std::move(content.text);
  live->read_by_model = (content.analysis_version & model_facts_version) != 0;
  live->vector = std::move(content.vector);
  live->embeddings = std::move(content.embeddings);
  live->analysis.entity_count = record.entity_count;
  live->analysis.chunks.resize(content.chunks.size());
  for (std::size_t i = 0; i < content.chunks.size(); ++i) {
    if (!unpack(content.chunks[i].facts, live->analysis.chunks[i])) return nullptr;
    live->chunk_ids.push_back(std::move(content.chunks[i].id));
  }
  return live;
}

void Follower::apply_entries(std::uint64_t seq, std::span<const LogEntry> entries) {
  std::vector<LogEntry> group;
  auto flush = [&] {
    if (!group.empty()) apply_(seq, group.front().collection, group);
    group.clear();
  };
  for (const auto& entry : entries) {
    if (!group.empty() && group.front().collection != entry.collection) flush();
    group.push_back(entry);
  }
  flush();
}

runtime::Status Follower::load(std::span<LogEntry> entries) {
  std::vector<LogEntry*> lacking;
  for (auto& entry : entries) {
    if (entry.kind == runtime::ChangeKind::verdicts) {
      auto verdicts = store_.verdicts(entry.collection);
      if (!verdicts) return tl::unexpected(verdicts.error());
      entry.verdicts = std::make_shared<const std::vector<runtime::Verdict>>(std::move(*verdicts));
    } else if (lacks_document(entry)) {
      lacking.push_back(&entry);
    }
  }
  for (std::size_t from = 0; from < lacking.size(); from += documents_per_read) {
    auto count = std::min(documents_per_read, lacking.size() - from);
    if (auto status = load_documents(std::span{lacking}.subspan(from, count)); !status)
      return status;
  }
  return {};
}

runtime::Status Follower::load_documents(std::span<LogEntry* const> entries) {
  std::vector<runtime::DocumentKey> keys;
  for (const auto* entry : entries) keys.push_back({entry->collection, entry->id});
  auto contents = store_.contents(keys);
  if (!contents) return tl::unexpected(contents.error());
  struct Read {
    std::shared_ptr<const LiveDocument> document;
    std::shared_ptr<const DocumentFacets> facets;
  };
  std::map<runtime::DocumentKey, Read> found;
  for (auto& content : *contents) {
    auto key = content.record.key;
    auto live = to_live(std::move(content));
    if (!live) return runtime::fail(runtime::Errc::corrupt, "facts of document " + key.id);
    auto facets = part_facets(*live);
    found[std::move(key)] = {std::move(live), std::move(facets)};
  }
  for (auto* entry : entries) {
    auto read = found.find({entry->collection, entry->id});
    if (read == found.end()) {
      entry->kind = runtime::ChangeKind::remove; // gone since; its own change follows
      continue;
    }
    entry->document = read->second.document;
    entry->facets = read->second.facets;
  }
  return {};
}

runtime::Status Follower::on_batch(const LogBatch& batch) {
  if (batch.seq <= progress_.applied) return {};
  const bool interrupted = progress_.reached > progress_.applied;
  if (interrupted || batch.previous_seq > progress_.applied) {
    if (auto status = catch_up(); !status) return status;
    if (batch.seq <= progress_.applied) return {};
  }
  std::vector<LogEntry> entries;
  std::ranges::copy_if(batch.entries, std::back_inserter(entries),
                       [&](const LogEntry& entry) { return wants_(batch.seq, entry); });
  if (auto status = load(entries); !status) return status;
  apply_entries(batch.seq, entries);
  progress_ = {batch.seq, batch.seq};
  return {};
}

runtime::Status Follower::catch_up() {
  auto target = store_.last_seq();
  if (!target) return tl::unexpected(target.error());
  while (progress_.reached < *target) {
    auto changes = store_.changes_after(progress_.reached, changes_per_read);
    if (!changes) return tl::unexpected(changes.error());
    bool last_page = changes->size() < changes_per_read;
    auto whole = changes->size();
    if (!last_page) // the page may end within a number, which is then read again from its start
      while (whole > 0 && (*changes)[whole - 1].seq == changes->back().seq) --whole;
    RUNTIME_CHECK(last_page || whole > 0, "one commit changed more documents than a page holds");
    std::vector<LogEntry> entries; // of the whole page: nothing is applied unless all can be read
    std::vector<std::uint64_t> seqs;
    for (std::size_t i = 0; i < whole; ++i) {
      auto& change = (*changes)[i];
      LogEntry entry{change.kind, std::move(change.key.collection), std::move(change.key.id),
                     nullptr};
      if (!wants_(change.seq, entry)) continue;
      entries.push_back(std::move(entry));
      seqs.push_back(change.seq);
    }
    if (auto status = load(entries); !status) return status;
    for (std::size_t i = 0, end = 0; i < entries.size(); i = end) {
      while (end < entries.size() && seqs[end] == seqs[i]) ++end;
      apply_entries(seqs[i], std::span{entries}.subspan(i, end - i));
      progress_.reached = seqs[i];
    }
    if (whole > 0) progress_.reached = (*changes)[whole - 1].seq;
    if (last_page) progress_.reached = std::max(progress_.reached, *target);
  }
  progress_.applied = progress_.reached;
  return {};
}

runtime::Status Follower::poll() {
  auto newest = store_.last_seq();
  if (!newest) return tl::unexpected(newest.error());
  if (progress_.applied < std::exchange(polled_, *newest)) return catch_up();
  return {};
}

} // namespace graphrag::chunk
