#include "gateway/asio_execution_unit.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "runtime/check.hpp"

namespace graphrag::gateway {

std::shared_ptr<AsioExecutionUnit> AsioExecutionUnit::make(caf::actor_system& system,
                                                           boost::asio::io_context& io,
                                                           std::size_t messages_per_turn) {
  return std::shared_ptr<AsioExecutionUnit>{new AsioExecutionUnit{system, io, messages_per_turn}};
}

AsioExecutionUnit::AsioExecutionUnit(caf::actor_system& system, boost::asio::io_context& io,
                                     std::size_t turn)
    : caf::execution_unit(&system), io_(io), messages_per_turn_(turn) {}

AsioExecutionUnit::~AsioExecutionUnit() { stop(); }

void AsioExecutionUnit::adopt(const caf::actor& actor) {
  const auto* job =
      dynamic_cast<caf::scheduled_actor*>(caf::actor_cast<caf::abstract_actor*>(actor));
  RUNTIME_CHECK(job, "only event-based actors of this process can be adopted");
  std::lock_guard lock{mutex_};
  std::erase_if(adopted_, [](const auto& a) { return !a.second.lock(); });
  adopted_.emplace_back(job, caf::actor_cast<caf::weak_actor_ptr>(actor));
}

bool AsioExecutionUnit::adopted(const caf::resumable* job) const {
  return std::any_of(adopted_.begin(), adopted_.end(),
                     [&](const auto& a) { return a.first == job; });
}

void AsioExecutionUnit::exec_later(caf::resumable* job) {
  {
    std::lock_guard lock{mutex_};
    if (!stopped_ && adopted(job)) {
      ready_.push_back(job);
      if (!std::exchange(posted_, true)) post();
      return;
    }
  }
  system().scheduler().enqueue(job);
}

void AsioExecutionUnit::post() {
  boost::asio::post(io_, [self = shared_from_this()] { self->run(); });
}

// One turn of everybody who is ready now; who becomes ready meanwhile has the next turn, after the
// sockets.
void AsioExecutionUnit::run() {
  std::deque<caf::resumable*> turn;
  {
    std::lock_guard lock{mutex_};
    posted_ = false;
    turn.swap(ready_);
  }
  for (auto* job : turn) {
    switch (job->resume(this, messages_per_turn_)) {
    case caf::resumable::resume_later:
      exec_later(job);
      break;
    case caf::resumable::shutdown_execution_unit:
      break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      intrusive_ptr_release(job);
      break;
    }
  }
}

void AsioExecutionUnit::stop() {
  std::deque<caf::resumable*> left;
  {
    std::lock_guard lock{mutex_};
    stopped_ = true;
    left.swap(ready_);
  }
  for (auto* job : left) system().scheduler().enqueue(job);
}

} // namespace graphrag::gateway
