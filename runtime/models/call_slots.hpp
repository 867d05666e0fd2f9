#pragma once
// How many calls of an endpoint run at once, and how many more may wait for their turn.
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"

namespace graphrag::runtime::models {

// Thread-safe; blocks its caller. Must outlive its slots. Waits in the system's time, whatever
// clock the rest is tested under.
class CallSlots {
public:
  CallSlots(unsigned slots, unsigned max_waiting) : free_(slots), max_waiting_(max_waiting) {}

  class Slot {
  public:
    explicit Slot(CallSlots* slots) : slots_(slots) {}
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (slots_) slots_->leave();
    }

  private:
    CallSlots* slots_;
  };

  // Errors: `overloaded` when too many wait already, `timeout`, `canceled`.
  Result<Slot> enter(std::chrono::nanoseconds patience, std::stop_token cancel) {
    std::unique_lock lock{mutex_};
    if (free_ == 0) {
      if (waiting_ >= max_waiting_) return fail(Errc::overloaded, "too many calls wait");
      ++waiting_;
      const bool in_time = freed_.wait_for(lock, cancel, patience, [&] { return free_ > 0; });
      --waiting_;
      if (!in_time && cancel.stop_requested())
        return fail(Errc::canceled, "canceled while it waited for other calls");
      if (!in_time) return fail(Errc::timeout, "no turn in time: other calls take too long");
    }
    --free_;
    return Slot{this};
  }

private:
  void leave() {
    std::lock_guard lock{mutex_};
    ++free_;
    freed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable_any freed_;
  unsigned free_;
  unsigned waiting_ = 0;
  const unsigned max_waiting_;
};

} // namespace graphrag::runtime::models
