#include "actors/chunk/follower_actor.hpp"

#include <algorithm>

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
    entries = entries.subspan(i);
    break;
  }
  if (std::ranges::any_of(entries, [](const LogEntry& entry) {
        return entry.kind == runtime::ChangeKind::create_collection;
      }))
    views.made(collection, seq);
  return entries;
}

FollowerActor::FollowerActor(caf::actor_config& config, runtime::ActorIdentity identity,
                             std::shared_ptr<runtime::Store> store, std::shared_ptr<Views> views,
                             std::uint32_t number_on_board)
    : MeteredActor(config, std::move(identity)), store_(std::move(store)), views_(std::move(views)),
      number_(number_on_board),
      follower_(
          *store_, views_->board().progress(number_),
          [this](std::uint64_t seq, const LogEntry& entry) { return follows(seq, entry); },
          [this](std::uint64_t seq, const std::string& collection,
                 std::span<const LogEntry> entries) { apply(seq, collection, entries); }) {}

// Which collections there are is everybody's to know.
bool FollowerActor::follows(std::uint64_t seq, const LogEntry& entry) const {
  if (entry.id.empty() && entry.kind != runtime::ChangeKind::verdicts) return true;
  return wants(entry) && views_->follows(number_, entry.collection, seq);
}

// One group, so that the log is not kept waiting by many. What breaks on the way is given up and
// loaded anew, since nobody knows how much of it was applied.
runtime::Status FollowerActor::adopt() {
  auto adoption = views_->begin_adoption(number_);
  if (!adoption) return {};
  struct Broken {
    Views& views;
    const Adoption& adoption;
    bool whole = false;
    ~Broken() {
      if (!whole) (void)views.let_go(adoption.group, adoption.attempt);
    }
  } broken{*views_, *adoption};
  Follower behind{*store_, adoption->progress,
                  [&](std::uint64_t, const LogEntry& entry) {
                    return views_->group_of(entry.collection) == adoption->group && wants(entry);
                  },
                  [this](std::uint64_t seq, const std::string& collection,
                         std::span<const LogEntry> entries) { apply(seq, collection, entries); }};
  const auto status = behind.catch_up();
  if (!status && status.error().code == runtime::Errc::corrupt) return {}; // others go on
  broken.whole = true;
  adoption->progress = behind.progress();
  views_->finish_adoption(number_, *adoption, status.has_value());
  if (status) send(this, adopt_atom::value);
  return status;
}

caf::behavior FollowerActor::make_behavior() {
  runtime::yield_to_questions(runtime::follower_nice); // detached: the thread is this actor's own
  delayed_send(this, poll_interval, poll_atom::value);
  settle(follower_.catch_up()); // what a former incarnation left in its mailbox
  settle(adopt());
  return {
      [this](const LogBatchPtr& batch) { settle(follower_.on_batch(*batch)); },
      [this](poll_atom) {
        settle(follower_.poll());
        settle(adopt());
        delayed_send(this, poll_interval, poll_atom::value);
      },
      [this](adopt_atom) { settle(adopt()); },
      [this](log_grew_atom, std::uint64_t seq) {
        if (follower_.progress().applied < seq) settle(follower_.catch_up());
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
