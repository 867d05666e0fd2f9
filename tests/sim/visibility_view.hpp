#pragma once
// The view of the simulated node: the real CollectionIndex, driven by the visibility protocol in
// steps between which the process may stop or other things happen.
#include <optional>

#include "runtime/store/store.hpp"
#include "tests/sim/visibility_content.hpp"

namespace graphrag::visibility {

// Mistakes that a test plants to see that the simulation finds them.
struct Bugs {
  bool ack_before_commit = false;            // the pipeline answers before the store has committed
  bool apply_without_sequence_check = false; // the view takes every message as it comes
  bool show_half_a_tail = false;             // the view shows each page of a tail by itself
};

// What the writer tells the view after a batch: a message, which may be lost, late or doubled.
struct Hint {
  std::uint64_t previous_seq = 0;
  std::uint64_t seq = 0;
  std::vector<chunk::DocumentChange> changes;
};

class View {
public:
  View(runtime::Store& store, Bugs bugs) : store_(store), bugs_(bugs) {}

  // Loaded, and caught up once with the store: queries are answered.
  bool ready() const { return ready_; }
  std::uint64_t applied() const { return applied_; }
  const chunk::CollectionIndex& index() const { return *index_; }
  chunk::ReadView read() const { return index_->view(); }

  // One step of loading or of tailing: a snapshot is taken, and applied in another step; then
  // changes are asked for, page by page, and applied all at once in the step after the last page.
  void step();
  void take(const Hint& hint);

private:
  struct Snapshot {
    std::uint64_t seq = 0;
    std::vector<chunk::DocumentChange> documents;
  };

  void scan();
  void ask_for_changes();
  void apply_tail();
  void apply(std::uint64_t seq, const std::vector<chunk::DocumentChange>& changes);

  runtime::Store& store_;
  Bugs bugs_;
  std::shared_ptr<chunk::CollectionIndex> index_ = chunk::CollectionIndex::make("default", 3);
  std::uint64_t applied_ = 0;
  bool loaded_ = false;
  bool ready_ = false;
  std::optional<Snapshot> snapshot_;
  std::vector<runtime::Change> tail_; // asked for, not yet applied
  bool tail_complete_ = false;
};

} // namespace graphrag::visibility
