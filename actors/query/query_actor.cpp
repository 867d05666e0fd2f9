#include "actors/query/query_actor.hpp"

#include "actors/query/answer_cache.hpp"

namespace graphrag::query {
namespace {
using run_atom = caf::atom_constant<caf::atom("run")>;
using late_atom = caf::atom_constant<caf::atom("late")>;
constexpr auto time_to_answer =
    std::chrono::milliseconds(20); // kept back from the deadline while waiting
} // namespace

QueryActor::QueryActor(caf::actor_config& config, runtime::ActorIdentity identity,
                       NodePartsPtr node, QueryJobPtr job)
    : MeteredActor(config, std::move(identity)), node_(std::move(node)), job_(std::move(job)) {}

caf::behavior QueryActor::make_behavior() {
  auto& board = node_->views->board();
  if (job_->after == 0 || board.applied_everywhere() >= job_->after) {
    send(this, run_atom::value);
  } else {
    auto left = job_->deadline - node_->clock->now() - time_to_answer;
    delayed_send(this, std::max(left, std::chrono::steady_clock::duration::zero()),
                 late_atom::value);
    wait_ticket_ = board.wait(
        job_->after, runtime::Promise<std::uint64_t>{[self = caf::actor_cast<caf::actor>(this)](
                                                         runtime::Result<std::uint64_t> seq) {
          if (seq) caf::anon_send(self, run_atom::value);
        }});
  }
  return {
      [this](run_atom) { run(true); },
      [this](late_atom) { run(false); },
  };
}

void QueryActor::run(bool after_reached) {
  if (!job_) return;
  auto job = std::move(job_);
  if (wait_ticket_ != 0) node_->views->board().cancel(wait_ticket_);
  auto views = node_->views->find(job->collection);
  if (!views.index) {
    job->done.fulfil(runtime::fail(runtime::Errc::not_found, "no such collection"));
    return quit();
  }
  job->done.fulfil(answer(*views.index, *job, after_reached));
  quit();
}

std::string QueryActor::answer(const chunk::CollectionIndex& index, const QueryJob& job,
                               bool after_reached) {
  const auto view = index.view();
  auto* cache = after_reached && !job.cache_key.empty() ? node_->answers.get() : nullptr;
  std::string fingerprint;
  if (cache != nullptr) {
    fingerprint = view.fingerprint();
    if (auto known = cache->find(job.collection, fingerprint, job.cache_key))
      return std::move(*known);
  }
  auto result = query::run(view, job.question, [&] { return node_->clock->now() >= job.deadline; });
  if (!after_reached) {
    result.partial = true;
    result.missing.push_back("after");
  }
  auto rendered = job.render(result);
  // Statistics of the collection are read while a writer may be counting, so an answer that was
  // made during a write is not kept.
  if (cache != nullptr && !result.partial && index.view().fingerprint() == fingerprint)
    cache->keep(job.collection, fingerprint, job.cache_key, rendered);
  return rendered;
}

} // namespace graphrag::query
