#pragma once
// The actor that drives a Follower: takes hints, polls for lost ones, pauses while the store is
// away, and moves its number on the visibility board. Groups of collections that a loader brought
// are caught up here before the log is followed for them. Chunk and entity actors say what is
// theirs and how to apply it.
#include <memory>

#include "actors/chunk/follower.hpp"
#include "actors/chunk/views.hpp"
#include "runtime/actor/metered_actor.hpp"

namespace graphrag::chunk {

// Drops or makes the collection when these entries do, and gives what follows the last drop: what
// came before it in the same number must not make the collection again.
std::span<const LogEntry> after_last_drop(Views& views, std::uint64_t seq,
                                          const std::string& collection,
                                          std::span<const LogEntry> entries);

class FollowerActor : public runtime::MeteredActor {
public:
  FollowerActor(caf::actor_config& config, runtime::ActorIdentity identity,
                std::shared_ptr<runtime::Store> store, std::shared_ptr<Views> views,
                std::uint32_t number_on_board);
  caf::behavior make_behavior() override;

protected:
  virtual bool wants(const LogEntry& entry) const = 0; // of a collection that is followed here
  // The wanted entries of one collection and one number, in order.
  virtual void apply(std::uint64_t seq, const std::string& collection,
                     std::span<const LogEntry> entries) = 0;

  Views& views() noexcept { return *views_; }
  const Views& views() const noexcept { return *views_; }

  std::uint32_t number() const noexcept { return number_; }

private:
  bool follows(std::uint64_t seq, const LogEntry& entry) const;
  runtime::Status adopt();
  void settle(const runtime::Status& status);

  std::shared_ptr<runtime::Store> store_;
  std::shared_ptr<Views> views_;
  std::uint32_t number_;
  Follower follower_;
};

} // namespace graphrag::chunk
