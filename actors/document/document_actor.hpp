#pragma once
// The document actor: one per document in flight. Performs the steps of IngestMachine; every step
// that blocks runs elsewhere (commit actor, io pool, sandboxed parser) and comes back as a message.
// It ends by itself, or the intake actor ends it when it takes too long; when it is killed, its
// job's promises answer `lost` and, if the document was accepted, the intake actor resumes it from
// the store.
#include <functional>
#include <memory>

#include "actors/chunk/analysed_document.hpp"
#include "actors/document/error.hpp"
#include "actors/document/ingest_job.hpp"
#include "actors/document/ingest_machine.hpp"
#include "actors/document/model_extraction.hpp"
#include "actors/document/parsed_document.hpp"
#include "actors/node_parts.hpp"
#include "runtime/actor/metered_actor.hpp"
#include "runtime/actor/task.hpp"

namespace graphrag::document {

class DocumentActor final : public runtime::MeteredActor {
public:
  DocumentActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node,
                IngestJobPtr job);
  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  void run(Step step);
  void done(Step step, StepResult result) { run(machine_.next(step, result)); }
  // Wraps `then` for a callback on another thread: it will run here, as a message.
  template <class T>
  std::function<void(T)> here(std::function<void(T)> then);
  void write(Step step, runtime::WriteOp op, std::shared_ptr<chunk::LiveDocument> live = nullptr);
  void written(Step step, runtime::Result<std::vector<runtime::WriteResult>> results);

  void put_blob();
  void load_blob();
  void parse();
  void parsed(Result<ParsedDocument> document);
  void analyse();
  void extract();
  void extracted();
  void commit();
  void record_failure();
  void wait_visible();
  void finish();

  runtime::DocumentRecord record_of(const runtime::WriteResult& result) const;
  StepResult document_fault(std::string code, std::string detail, bool retryable = false);
  StepResult dependency_fault(const runtime::Error& error);

  NodePartsPtr node_;
  IngestJobPtr job_;
  IngestMachine machine_;
  ParsedDocument parsed_;
  std::shared_ptr<chunk::LiveDocument> live_;
  std::shared_ptr<ModelExtraction> extraction_; // while it is waited for
  bool model_facts_ = false;                    // the facts are not those of the rules alone
  std::uint64_t epoch_ = 0;
  std::uint64_t wait_ticket_ = 0;
  IngestReport report_;
  std::optional<runtime::Error> error_; // of a dependency; the answer when nothing else is
};

} // namespace graphrag::document
