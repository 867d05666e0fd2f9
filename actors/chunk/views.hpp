#pragma once
// The views of this node: every collection's index and entity view, and how far each follower
// has applied the store's log. They outlive the actors that write them: killing a chunk or entity
// actor throws nothing away.
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/chunk/follower.hpp"
#include "actors/chunk/index.hpp"
#include "actors/entity/entity_view.hpp"
#include "runtime/actor/promise.hpp"

namespace graphrag::chunk {

// Counts what has been applied where, and wakes those who wait for a sequence number. Followers
// 0..shards-1 are the shards, the last one is the entity follower. Thread-safe.
class VisibilityBoard {
public:
  explicit VisibilityBoard(std::uint32_t followers) : followers_(followers) {}

  // Neither number ever falls.
  void advance(std::uint32_t follower, FollowerProgress progress);
  FollowerProgress progress(std::uint32_t follower) const;
  std::uint64_t applied_everywhere() const;
  // Fulfilled with the number reached once every follower has applied `seq`. The waiter's deadline
  // is its own business: cancel() by the returned ticket when it passes.
  std::uint64_t wait(std::uint64_t seq, runtime::Promise<std::uint64_t> reached);
  void cancel(std::uint64_t ticket);

private:
  std::uint64_t lowest() const; // with the lock held
  struct Waiter {
    std::uint64_t ticket;
    runtime::Promise<std::uint64_t> reached;
  };
  mutable std::mutex mutex_;
  std::vector<FollowerProgress> followers_;
  std::multimap<std::uint64_t, Waiter> waiters_;
  std::uint64_t next_ticket_ = 1;
};

struct CollectionViews {
  std::shared_ptr<CollectionIndex> index;
  std::shared_ptr<entity::EntityView> entities;
};

// Collections by name. Thread-safe; lookups take a shared lock for a map look-up only.
class Views {
public:
  explicit Views(std::uint32_t shards) : shards_(shards), board_(shards + 1) {}

  std::uint32_t shards() const noexcept { return shards_; }
  std::uint32_t entity_follower() const noexcept { return shards_; }
  VisibilityBoard& board() noexcept { return board_; }

  CollectionViews find(std::string_view collection) const; // empty pointers when unknown
  // Makes the views on first use. Empty pointers when the collection was dropped at a later number
  // than `seq`: followers reach a drop at different times, and a late one must not revive it.
  CollectionViews ensure(const std::string& collection, std::uint64_t seq);
  void drop(const std::string& collection, std::uint64_t seq);
  std::vector<std::string> names() const;

private:
  std::uint32_t shards_;
  VisibilityBoard board_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, CollectionViews, std::less<>> collections_;
  std::map<std::string, std::uint64_t> dropped_; // name -> number of its last drop
};

} // namespace graphrag::chunk
