#include "actors/chunk/follower_actor.hpp"

#include "actors/chunk/messages.hpp"
#include "observability/log.hpp"
#include "runtime/thread_priority.hpp"

namespace graphrag::chunk {

std::span<const LogEntry> after_last_drop(Views& views, std::uint64_t seq,
                                          const std::string& collection,
                                          std::span<const LogEntry> entries) {
  for (auto i = entries.size(); i > 0; --i) {
    if (entries[i - 1].kind != runtime::ChangeKind::drop_collection) continue;
    views.drop(collection, seq);
    return entries.subspan(i);
  }
  return entries;
}

FollowerActor::FollowerActor(caf::actor_config& config, runtime::ActorIdentity identity,
                             std::shared_ptr<runtime::Store> store, std::shared_ptr<Views> views,
                             std::uint32_t number_on_board)
    : MeteredActor(config, std::move(identity)), store_(std::move(store)), views_(std::move(views)),
      number_(number_on_board),
      follower_(
          *store_, views_->board().progress(number_),
          [this](const LogEntry& entry) { return wants(entry); },
          [this](std::uint64_t seq, const std::string& collection,
                 std::span<const LogEntry> entries) { apply(seq, collection, entries); }) {}

caf::behavior FollowerActor::make_behavior() {
  runtime::yield_to_questions(runtime::follower_nice); // detached: the thread is this actor's own
  delayed_send(this, poll_interval, poll_atom::value);
  settle(follower_.catch_up()); // what a former incarnation left in its mailbox
  return {
      [this](const LogBatchPtr& batch) { settle(follower_.on_batch(*batch)); },
      [this](poll_atom) {
        settle(follower_.poll());
        delayed_send(this, poll_interval, poll_atom::value);
      },
  };
}

void FollowerActor::settle(const runtime::Status& status) {
  views_->board().advance(number_, follower_.progress());
  if (!status) {
    observability::log_warn("follower cannot read the store",
                            {{"graphrag.actor", identity().path},
                             {"error.code", runtime::to_string(status.error().code)},
                             {"error.message", status.error().detail}});
    pause_on_dependency("store");
  }
}

} // namespace graphrag::chunk
