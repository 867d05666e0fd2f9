#include "actors/query/query_actor.hpp"

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
  auto result = query::run(views.index->view(), job->question,
                           [&] { return node_->clock->now() >= job->deadline; });
  if (!after_reached) {
    result.partial = true;
    result.missing.push_back("after");
  }
  job->done.fulfil(std::move(result));
  quit();
}

} // namespace graphrag::query
