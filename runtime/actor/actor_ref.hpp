#pragma once
// ActorRef: an address that survives restarts. The supervisor points it at the newest incarnation;
// while the actor is down get() is null and the sender answers `unavailable` itself. Thread-safe,
// cheap to copy.
#include <memory>
#include <mutex>
#include <utility>

#include <caf/all.hpp>

namespace graphrag::runtime {

class ActorRef {
public:
  ActorRef() : cell_(std::make_shared<Cell>()) {}
  caf::actor get() const {
    std::lock_guard lock{cell_->mutex};
    return cell_->handle;
  }
  void set(caf::actor handle) const {
    std::lock_guard lock{cell_->mutex};
    std::swap(cell_->handle, handle); // the old one goes after the lock: it may be the last
  }
  // Sends without a sender; false when the actor is down (nothing was sent).
  template <class... Ts>
  bool send(Ts&&... values) const {
    auto handle = get();
    if (!handle) return false;
    caf::anon_send(handle, std::forward<Ts>(values)...);
    return true;
  }

private:
  struct Cell {
    std::mutex mutex;
    caf::actor handle;
  };
  std::shared_ptr<Cell> cell_;
};

} // namespace graphrag::runtime
