#pragma once
// The steps of one document in flight, as a pure state machine. The document actor performs each
// step and reports how it went; the machine says what comes next. It can stop between any two
// steps: an accepted document is resumed from the store, one that was not is the client's again.
#include <cstdint>

namespace graphrag::document {

enum class Step : std::uint8_t {
  put_blob,      // original bytes into the blob port
  accept,        // durable row, state queued
  start_attempt, // resumed: count the attempt, fenced by the epoch
  load_blob,     // resumed: original bytes back
  parse,         // bytes -> text (sandboxed unless the format is trusted)
  analyse,       // text -> chunks, names, relations
  commit,        // durable and visible at one sequence number
  fail,          // durable: state failed with its code
  wait_visible,  // until every follower has applied it
  finish,        // answer and end
};

enum class StepResult : std::uint8_t {
  ok,
  unchanged,    // the store knew this content already
  bad_document, // the document's own fault: it fails with a code
  stale,        // a newer epoch owns the document: it was replaced, deleted or canceled
  transient,    // a dependency's fault (disk full, store away, parser busy): try later
};

struct IngestPlan {
  bool is_file = false;       // bytes of some format; else text as the client gave it
  bool accept_first = false;  // durable before the work
  bool resumed = false;       // accepted earlier, found in the store
  std::uint32_t attempts = 0; // of a resumed document, started and not finished
  bool attempt_open = false;  // the last of them waited for a dependency, and goes on now
};

inline constexpr std::uint32_t max_attempts = 3;

class IngestMachine {
public:
  explicit IngestMachine(const IngestPlan& plan)
      : plan_(plan), accepted_(plan.resumed), attempt_open_(plan.attempt_open) {}

  Step first() const noexcept;
  Step next(Step done, StepResult result) noexcept;
  // The store has the document as queued: an unfinished end will be resumed.
  bool accepted() const noexcept { return accepted_; }
  // An attempt is counted. When a dependency ends it, the next one need not be: only what ends
  // abnormally brings a document nearer to its last attempt, and a full disk is not its fault.
  bool attempt_open() const noexcept { return attempt_open_; }

private:
  IngestPlan plan_;
  bool accepted_;
  bool attempt_open_;
};

} // namespace graphrag::document
