#pragma once
// Promise<T>: a one-shot answer that cannot be forgotten. Copies share one state; the first
// fulfil() wins; when the last copy goes away without one, the callback hears Errc::lost. So a
// killed actor, with its mailbox, answers everything that it still owed.
#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "runtime/error.hpp"

namespace graphrag::runtime {

template <class T>
class Promise {
public:
  // Called exactly once, on the thread that fulfils or drops. Must be quick and must not throw:
  // it should only send a message or post to an executor.
  using Callback = std::function<void(Result<T>)>;

  Promise() = default;
  explicit Promise(Callback callback) : state_(std::make_shared<State>(std::move(callback))) {}

  // False when somebody else answered before, or the promise is empty.
  bool fulfil(Result<T> value) const { return state_ && state_->settle(std::move(value)); }
  bool settled() const noexcept { return !state_ || state_->done.load(std::memory_order_acquire); }
  explicit operator bool() const noexcept { return state_ != nullptr; }

private:
  struct State {
    explicit State(Callback cb) : callback(std::move(cb)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
      if (!done.exchange(true)) callback(fail(Errc::lost, "the actor ended without an answer"));
    }
    bool settle(Result<T>&& value) {
      if (done.exchange(true, std::memory_order_acq_rel)) return false;
      auto cb = std::move(callback);
      callback = nullptr;
      cb(std::move(value));
      return true;
    }
    std::atomic<bool> done{false};
    Callback callback;
  };
  std::shared_ptr<State> state_;
};

} // namespace graphrag::runtime
