#include "actors/document/commit_actor.hpp"

#include "observability/log.hpp"
#include "observability/metrics.hpp"

namespace graphrag::document {
namespace {

using flush_atom = caf::atom_constant<caf::atom("flush")>;

struct Probe {
  prometheus::Histogram& seconds =
      observability::histogram("graphrag_store_commit_seconds", "Time of one durable commit.",
                               {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5});
  prometheus::Histogram& operations = observability::histogram(
      "graphrag_store_commit_operations", "Operations gathered into one commit.",
      {1, 2, 4, 8, 16, 32, 64, 128, 256, 512});
  prometheus::Counter& failures = observability::counter(
      "graphrag_store_commit_failures_total", "Commits that the store refused as a whole.");
};
Probe& probe() {
  static Probe instance;
  return instance;
}

// What a successful operation means to followers; nothing for those that queries do not see.
bool to_entry(const runtime::WriteOp& op, chunk::LogEntry& entry) {
  using namespace runtime;
  if (auto* commit = std::get_if<CommitOp>(&op)) {
    entry = {ChangeKind::commit, commit->input.key.collection, commit->input.key.id, nullptr};
  } else if (auto* patch = std::get_if<PatchOp>(&op)) {
    entry = {ChangeKind::patch, patch->key.collection, patch->key.id, nullptr};
  } else if (auto* remove = std::get_if<DeleteOp>(&op)) {
    entry = {ChangeKind::remove, remove->key.collection, remove->key.id, nullptr};
  } else if (auto* create = std::get_if<CreateCollectionOp>(&op)) {
    entry = {ChangeKind::create_collection, create->name, "", nullptr};
  } else if (auto* drop = std::get_if<DropCollectionOp>(&op)) {
    entry = {ChangeKind::drop_collection, drop->name, "", nullptr};
  } else if (auto* embed = std::get_if<EmbedOp>(&op)) {
    entry = {ChangeKind::embed, embed->key.collection, embed->key.id, nullptr, embed->vectors};
  } else if (auto* verdict = std::get_if<SaveVerdictOp>(&op)) {
    entry = {ChangeKind::verdicts, verdict->collection, "", nullptr};
  } else {
    return false;
  }
  return true;
}

// Bytes that a job adds to the store, roughly; nothing when it adds none.
std::optional<std::uint64_t> growth_of(const WriteJob& job) {
  using namespace runtime;
  std::optional<std::uint64_t> sum;
  for (const auto& op : job.ops) {
    if (auto* commit = std::get_if<CommitOp>(&op)) {
      std::uint64_t bytes = commit->text.size();
      for (const auto& chunk : commit->chunks) bytes += chunk.facts.size();
      sum = sum.value_or(0) + bytes;
    } else if (auto* embed = std::get_if<EmbedOp>(&op)) {
      sum = sum.value_or(0) + embed->vectors->floats.size() * sizeof(float);
    } else if (std::holds_alternative<AcceptOp>(op) || std::holds_alternative<PatchOp>(op) ||
               std::holds_alternative<SaveVerdictOp>(op) ||
               std::holds_alternative<CreateCollectionOp>(op)) {
      sum = sum.value_or(0);
    }
  }
  return sum;
}

} // namespace

CommitActor::CommitActor(caf::actor_config& config, runtime::ActorIdentity identity,
                         std::shared_ptr<runtime::Store> store,
                         std::shared_ptr<runtime::DiskSpace> space,
                         std::vector<runtime::ActorRef> followers, std::shared_ptr<Peers> peers)
    : MeteredActor(config, std::move(identity)), store_(std::move(store)), space_(std::move(space)),
      followers_(std::move(followers)), peers_(std::move(peers)) {}

caf::behavior CommitActor::make_behavior() {
  return {
      [this](const WriteJobPtr& job) { take(job); },
      [this](flush_atom) { flush(); },
  };
}

void CommitActor::take(const WriteJobPtr& job) {
  if (auto growth = growth_of(*job))
    if (auto room = space_->room_for(*growth); !room) {
      job->done.fulfil(tl::unexpected(room.error()));
      return;
    }
  // The flush message goes behind the jobs that already wait, which so join this commit.
  if (waiting_.empty()) send(this, flush_atom::value);
  waiting_ops_ += job->ops.size();
  waiting_.push_back(job);
  if (waiting_ops_ >= max_ops_per_commit / 2) flush();
}

void CommitActor::flush() {
  if (waiting_.empty()) return;
  waiting_ops_ = 0;
  auto jobs = std::exchange(waiting_, {});
  commit(jobs);
}

void CommitActor::commit(std::span<const WriteJobPtr> jobs) {
  std::vector<runtime::WriteOp> ops;
  for (const auto& job : jobs) ops.insert(ops.end(), job->ops.begin(), job->ops.end());
  auto started = std::chrono::steady_clock::now();
  auto summary = store_->write(ops);
  probe().seconds.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  probe().operations.Observe(static_cast<double>(ops.size()));
  if (summary) return publish(jobs, ops, *summary);

  probe().failures.Increment();
  observability::log_error("commit refused",
                           {{"error.code", runtime::to_string(summary.error().code)},
                            {"error.message", summary.error().detail},
                            {"graphrag.operations", static_cast<std::int64_t>(ops.size())}});
  bool store_is_away = summary.error().code == runtime::Errc::no_space ||
                       summary.error().code == runtime::Errc::unavailable;
  if (store_is_away) peers_->store_failed();
  if (!store_is_away && jobs.size() > 1) { // one job may be at fault: it must not fail the others
    for (std::size_t i = 0; i < jobs.size(); ++i) commit(jobs.subspan(i, 1));
    return;
  }
  for (const auto& job : jobs) job->done.fulfil(tl::unexpected(summary.error()));
}

void CommitActor::publish(std::span<const WriteJobPtr> jobs, std::span<const runtime::WriteOp> ops,
                          runtime::WriteSummary& summary) {
  auto batch = std::make_shared<chunk::LogBatch>();
  batch->previous_seq = summary.previous_seq;
  batch->seq = summary.seq;
  std::size_t at = 0;
  for (const auto& job : jobs) {
    for (std::size_t i = 0; i < job->ops.size(); ++i, ++at) {
      const auto& result = summary.results[at];
      if (result.error || result.seq == 0) continue;
      chunk::LogEntry entry;
      if (!to_entry(ops[at], entry)) continue;
      // When the store has something else than the worker made, followers read it there.
      if (i < job->live.size() && job->live[i] && !result.differs_from_input) {
        auto& live = *job->live[i];
        live.version = result.version;
        live.created_ms = result.created_ms;
        live.updated_ms = result.updated_ms;
        entry.facets = chunk::part_facets(live);
        entry.document = std::move(job->live[i]);
      }
      batch->entries.push_back(std::move(entry));
    }
  }
  if (batch->seq != batch->previous_seq) {
    for (const auto& follower : followers_) follower.send(chunk::LogBatchPtr{batch});
    peers_->announce(batch->seq);
  }
  for (auto& result : summary.results) result.view_version = summary.view_version;
  at = 0;
  for (const auto& job : jobs) {
    auto first = summary.results.begin() + static_cast<std::ptrdiff_t>(at);
    at += job->ops.size();
    job->done.fulfil(
        WriteResults{first, summary.results.begin() + static_cast<std::ptrdiff_t>(at)});
  }
}

} // namespace graphrag::document
