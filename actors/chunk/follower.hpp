#pragma once
// A follower of the store's log: the pure logic of chunk and entity actors. Batches come as hints
// and may be lost, doubled or late; whatever is missing is read from the store, so the view is
// always the store's state at one number.
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::chunk {

struct LogEntry {
  runtime::ChangeKind kind = runtime::ChangeKind::commit;
  std::string collection;
  std::string id;                               // empty for changes of a collection
  std::shared_ptr<const LiveDocument> document; // null for removals, and when only the store has it
  std::shared_ptr<const runtime::ChunkVectors> vectors = nullptr; // of an embed, when known
  // Of a change of verdicts: all of the collection's, once read.
  std::shared_ptr<const std::vector<runtime::Verdict>> verdicts = nullptr;
  std::shared_ptr<const DocumentFacets> facets = nullptr; // of the document
};

// What one commit changed, in order. Immutable once sent.
struct LogBatch {
  std::uint64_t previous_seq = 0;
  std::uint64_t seq = 0;
  std::vector<LogEntry> entries;
};

// Builds what views take from what the store keeps. Null when the facts cannot be read.
std::shared_ptr<LiveDocument> to_live(runtime::DocumentContent&& content);

// How far a follower is. A tail read from the store names a document once, at its newest change, so
// while it is being applied the view may lack changes at lower numbers: only at its end does
// `applied` move. An interrupted tail goes on at `reached`, also in the follower's next
// incarnation, for numbers given to the index only grow.
struct FollowerProgress {
  std::uint64_t applied = 0; // every change up to here is in the view
  std::uint64_t reached = 0; // the view has seen no higher number; at least `applied`
};

class Follower {
public:
  // Applies one collection's entries of one number; others than the wanted ones are already gone.
  using Apply = std::function<void(std::uint64_t seq, const std::string& collection,
                                   std::span<const LogEntry>)>;
  using Wants = std::function<bool(std::uint64_t seq, const LogEntry&)>; // is this entry ours?

  Follower(runtime::Store& store, FollowerProgress progress, Wants wants, Apply apply)
      : store_(store), progress_(progress), wants_(std::move(wants)), apply_(std::move(apply)) {}

  // A batch already applied is ignored; a gap before it is read from the store first. On an error
  // of the store nothing of this batch was applied, and progress() says how far it came.
  runtime::Status on_batch(const LogBatch& batch);
  // Reads from the store until its newest number.
  runtime::Status catch_up();
  // The net below lost hints, called at intervals: catches up when the number that the store had at
  // the last call is still not reached, and does nothing while hints flow.
  runtime::Status poll();
  FollowerProgress progress() const noexcept { return progress_; }

private:
  // Reads what the batch did not bring: verdicts, and documents, many at a time.
  runtime::Status load(std::span<LogEntry> entries);
  runtime::Status load_documents(std::span<LogEntry* const> entries);
  void apply_entries(std::uint64_t seq, std::span<const LogEntry> entries);

  runtime::Store& store_;
  FollowerProgress progress_;
  std::uint64_t polled_ = 0;
  Wants wants_;
  Apply apply_;
};

} // namespace graphrag::chunk
