#pragma once
// The intake actor: owner and supervisor of the document actors. Starts one per document, at most
// one at a time per document, and resumes what the store holds as queued: after a start, after a
// crash of a document actor, and when a dependency was away.
#include <map>
#include <set>

#include "actors/document/ingest_job.hpp"
#include "actors/node_parts.hpp"
#include "runtime/actor/metered_actor.hpp"
#include "runtime/actor/supervisor.hpp"

namespace graphrag::document {

using kill_one_atom = caf::atom_constant<caf::atom("killone")>; // chaos: end one child abnormally
using look_atom = caf::atom_constant<caf::atom("look")>;        // look for queued documents now

using QueuedRecords = std::shared_ptr<const std::vector<runtime::DocumentRecord>>;

class IntakeActor final : public runtime::MeteredActor {
public:
  // `workers` bounds the resumed documents at a time; new ones are bounded by admission.
  IntakeActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node,
              std::size_t workers);
  caf::behavior make_behavior() override;
  void on_exit() override { waiting_.clear(); } // their promises answer `lost` at once

private:
  struct Running {
    runtime::DocumentKey key;
    caf::actor actor;
    runtime::SteadyTime started;
    std::shared_ptr<const std::atomic<std::uint64_t>> open_attempt;
  };
  void end_overdue();
  void start(const IngestJobPtr& job);
  void look_for_queued();
  void resume(const std::vector<runtime::DocumentRecord>& records);
  void ended(const caf::down_msg& message);

  NodePartsPtr node_;
  std::size_t workers_;
  runtime::TemporaryChildren children_;
  std::map<caf::actor_id, Running> running_;
  std::set<runtime::DocumentKey> busy_;
  std::map<runtime::DocumentKey, std::vector<IngestJobPtr>> waiting_; // same document, later jobs
  // By document, the epoch whose attempt waits for a dependency. Forgotten with the process.
  std::map<runtime::DocumentKey, std::uint64_t> open_attempts_;
  bool looking_ = false;
};

} // namespace graphrag::document

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::document::IngestJobPtr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::document::QueuedRecords)
