#pragma once
// How far each follower of the log is, and who waits for a number. Thread-safe.
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "actors/chunk/follower.hpp"
#include "runtime/actor/promise.hpp"

namespace graphrag::chunk {

// Followers 0..shards-1 are the shards, the last one is the entity follower.
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

} // namespace graphrag::chunk
