#pragma once
// A document on its way in, and what became of it.
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/actor/promise.hpp"
#include "runtime/admission.hpp"
#include "runtime/store/types.hpp"

namespace graphrag::document {

struct IngestReport {
  runtime::DocumentState state = runtime::DocumentState::queued;
  runtime::Outcome outcome = runtime::Outcome::done;
  std::uint64_t version = 0;
  std::uint64_t seq = 0; // when something became visible by this
  std::uint64_t chunk_count = 0, entity_count = 0;
  std::string title, mime; // as stored
  std::int64_t created_ms = 0, updated_ms = 0;
  std::optional<runtime::DocumentError> error; // state failed
  // What this work has written, where nobody can have had a part in it: a new version that was
  // committed at once. Empty: the store knows.
  std::optional<runtime::DocumentRecord> record;
};

struct IngestJob {
  runtime::DocumentInput input;
  std::string bytes;         // the original; for JSON documents the text
  bool is_file = false;      // parse by its format
  bool accept_first = false; // make it durable before working on it
  std::vector<float> vector;
  std::vector<runtime::WriteOp> extra;            // committed together with the first durable write
  std::optional<runtime::DocumentRecord> resumed; // found queued in the store
  runtime::Promise<IngestReport>
      accepted;                        // durable as queued (only with accept_first); may be empty
  runtime::Promise<IngestReport> done; // searchable, failed, or an error
  // Resumed work: the epoch of an attempt that is counted and was stopped by a dependency, not by
  // an abnormal end; 0: none. Read by whoever resumes it, after the job.
  std::shared_ptr<std::atomic<std::uint64_t>> open_attempt =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  std::vector<runtime::AdmissionGate::Ticket> tickets; // returned when the job ends
};
using IngestJobPtr = std::shared_ptr<IngestJob>;

} // namespace graphrag::document
