#pragma once
// The job actor: background work that outlives a request, one step at a time. A job is a row of the
// store; after each step its progress is saved, so a crash repeats at most one step, and every step
// can be repeated safely.
//
//   delete_by_filter  {filter, cursor}      one page of documents a step
//   bulk              {blob, offset, line}  a few hundred NDJSON lines a step
//
// A job has one owner among the nodes of a cluster. That of a node that is gone is taken over.
//
// Finished jobs are kept for a while (finished_jobs.hpp), so that clients can ask for them.
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/document/commit_actor.hpp"
#include "actors/document/finished_jobs.hpp"
#include "actors/node_parts.hpp"
#include "runtime/actor/metered_actor.hpp"

namespace graphrag::document {

// Ingests one NDJSON line; answers once with a problem, or null when the document is in.
// `fallback_id` is used when the line names none: the same at every repetition.
using IngestLine = std::function<void(const std::string& collection, std::string line,
                                      const std::string& fallback_id,
                                      std::function<void(nlohmann::json problem)> answer)>;

// A job's row changed hands to the actor: it is durable and should run.
using new_job_atom = caf::atom_constant<caf::atom("newjob")>;

runtime::SaveJobOp make_job(const std::string& collection, const std::string& kind,
                            nlohmann::json input, std::int64_t now_ms);

// The blob that a job works from; empty when it has none.
std::string input_blob(const runtime::JobRecord& job);

class JobActor final : public runtime::MeteredActor {
public:
  JobActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node,
           IngestLine ingest_line);
  caf::behavior make_behavior() override;

private:
  void look_if_changed();
  void look();
  bool mine_to_run();
  void prune();
  void step();
  void delete_page();
  void bulk_lines();
  bool gone_everywhere(std::uint64_t seq, std::uint64_t view);
  void finish_when_seen();
  void finish(const std::string& state, nlohmann::json error = nullptr);
  bool save(); // false: the store is away, and this actor is being paused
  runtime::Result<WriteResults> write(std::vector<runtime::WriteOp> ops);

  NodePartsPtr node_;
  IngestLine ingest_line_;
  std::deque<std::string> queue_;
  std::optional<std::vector<std::string>> others_; // at the last look; nothing: look now
  bool pruning_ = false;
  FinishedJobs finished_;
  runtime::JobRecord job_;
  nlohmann::json body_;
  std::string input_; // of a bulk job, while it runs
  bool running_ = false;
};

} // namespace graphrag::document
