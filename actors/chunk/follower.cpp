#include "actors/chunk/follower.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace graphrag::chunk {
namespace {
// More than one commit can hold (document::max_ops_per_commit), so a page never cuts a number.
constexpr std::size_t changes_per_read = 4096;
} // namespace

std::shared_ptr<const LiveDocument> to_live(runtime::DocumentContent&& content) {
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
  live->vector = std::move(content.vector);
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
    if (!wants_(entry)) continue;
    if (!group.empty() && group.front().collection != entry.collection) flush();
    group.push_back(entry);
  }
  flush();
}

runtime::Status Follower::load(LogEntry& entry) {
  bool of_document =
      entry.kind == runtime::ChangeKind::commit || entry.kind == runtime::ChangeKind::patch;
  if (!of_document || entry.document || !wants_(entry)) return {};
  auto content = store_.content({entry.collection, entry.id});
  if (content) {
    entry.document = to_live(std::move(*content));
    if (!entry.document)
      return runtime::fail(runtime::Errc::corrupt, "facts of document " + entry.id);
    return {};
  }
  if (content.error().code != runtime::Errc::not_found) return tl::unexpected(content.error());
  entry.kind = runtime::ChangeKind::remove; // gone since; its own change follows
  return {};
}

runtime::Status Follower::on_batch(const LogBatch& batch) {
  if (batch.seq <= progress_.applied) return {};
  const bool interrupted = progress_.reached > progress_.applied;
  if (interrupted || batch.previous_seq > progress_.applied) {
    if (auto status = catch_up(); !status) return status;
    if (batch.seq <= progress_.applied) return {};
  }
  auto entries = batch.entries;
  for (auto& entry : entries)
    if (auto status = load(entry); !status) return status;
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
    for (std::size_t i = 0; i < whole; ++i) {
      const auto& change = (*changes)[i];
      entries.push_back({change.kind, change.key.collection, change.key.id, nullptr});
      if (auto status = load(entries.back()); !status) return status;
    }
    for (std::size_t i = 0, end = 0; i < whole; i = end) {
      const auto seq = (*changes)[i].seq;
      while (end < whole && (*changes)[end].seq == seq) ++end;
      apply_entries(seq, std::span{entries}.subspan(i, end - i));
      progress_.reached = seq;
    }
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
