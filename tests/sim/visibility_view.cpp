#include "tests/sim/visibility_view.hpp"

#include <algorithm>
#include <map>

namespace graphrag::visibility {

void View::step() {
  if (!loaded_) {
    if (!snapshot_) return scan();
    apply(snapshot_->seq, snapshot_->documents);
    snapshot_.reset();
    loaded_ = true;
    return;
  }
  if (!tail_complete_) return ask_for_changes();
  apply_tail();
}

void View::scan() {
  Snapshot snapshot;
  auto seq = store_.scan_live([&](runtime::DocumentContent&& content) {
    snapshot.documents.push_back({content.record.key.id, live_document(content)});
    return true;
  });
  if (!seq) return; // the store is away for a moment; the next step tries again
  snapshot.seq = *seq;
  snapshot_ = std::move(snapshot);
}

void View::ask_for_changes() {
  constexpr std::size_t at_once = 1;
  auto page = store_.changes_after(tail_.empty() ? applied_ : tail_.back().seq, at_once);
  if (!page) return;
  tail_.insert(tail_.end(), page->begin(), page->end());
  tail_complete_ = page->size() < at_once || bugs_.show_half_a_tail;
}

// Contents are read now, so they may be newer than the change that named them, never older; a
// document that is gone meanwhile is removed now, and its own removal will find nothing to do.
void View::apply_tail() {
  std::map<std::string, std::shared_ptr<const chunk::LiveDocument>> newest;
  for (const auto& change : tail_) {
    auto content = store_.content(change.key);
    if (!content && content.error().code != runtime::Errc::not_found) return; // try again later
    newest[change.key.id] = content ? live_document(*content) : nullptr;
  }
  if (!tail_.empty() && tail_.back().seq > applied_) { // else messages brought all of it first
    std::vector<chunk::DocumentChange> changes;
    for (const auto& [id, document] : newest) changes.push_back({id, document});
    apply(tail_.back().seq, changes);
  }
  tail_.clear();
  tail_complete_ = false;
  ready_ = true;
}

void View::take(const Hint& hint) {
  if (!loaded_) return; // the tail after the snapshot brings it
  if (bugs_.apply_without_sequence_check) return apply(std::max(hint.seq, applied_), hint.changes);
  if (hint.seq <= applied_) return;          // doubled, or late
  if (hint.previous_seq != applied_) return; // a gap: the tail fills it
  apply(hint.seq, hint.changes);
}

void View::apply(std::uint64_t seq, const std::vector<chunk::DocumentChange>& changes) {
  for (std::uint32_t shard = 0; shard < index_->shards(); ++shard) {
    std::vector<chunk::DocumentChange> own;
    for (const auto& change : changes)
      if (index_->shard_of(change.id) == shard) own.push_back(change);
    index_->apply(shard, seq, own);
  }
  applied_ = seq;
}

} // namespace graphrag::visibility
