#pragma once
// What models find in the passages of one document while it waits for them: answers come in from
// the threads of the model's line until the document takes what is there and goes on. Thread-safe.
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/document/ingest_job.hpp"
#include "actors/models/model_desk.hpp"
#include "runtime/actor/promise.hpp"
#include "runtime/models/extraction.hpp"

namespace graphrag::document {

// Whether the store will find the job's commit unchanged if it carries this mark: the live version
// is of the same original, title, metadata and vector, and a model has read it.
bool model_read_before(const runtime::DocumentContent& live, const IngestJob& job);

class ModelExtraction : public std::enable_shared_from_this<ModelExtraction> {
public:
  explicit ModelExtraction(std::string collection) : collection_(std::move(collection)) {}

  // Asks for the first passages, each by itself. `done` is fulfilled when no answer is outstanding
  // any more, at once when the line took none. Call once.
  void begin(const ModelDesk& desk, const chunk::LiveDocument& document,
             runtime::Promise<bool> done);
  // Adds what has come so far to the document and cancels the rest. Returns whether a model's
  // answer was among it. Later answers are dropped.
  bool take(chunk::LiveDocument& document);
  void cancel() { stop_.request_stop(); }

private:
  struct Found {
    std::size_t chunk = 0;
    runtime::models::Extraction extraction;
  };

  const std::string collection_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::vector<Found> found_;
  bool taken_ = false;
};

} // namespace graphrag::document
