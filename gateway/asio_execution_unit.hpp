#pragma once
// Runs chosen actors on Asio's threads. A message that an Asio handler sends to such an actor is
// handled on the same thread a moment later, without waking a worker of CAF's scheduler and without
// being woken again for the answer. Everything else that these actors send to goes to the scheduler
// as usual: only adopted actors ever run here, so keep them thin and never blocking.
//
//   auto unit = AsioExecutionUnit::make(system, io);
//   unit->adopt(gateway);
//   unit->send(gateway, Call{request, responder});   // from a handler of `io`
//
// An adopted actor is still an ordinary one: messages from elsewhere run it on a worker, and it
// never runs in two places at once.
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <caf/actor.hpp>
#include <caf/execution_unit.hpp>
#include <caf/make_message.hpp>
#include <caf/resumable.hpp>
#include <caf/weak_intrusive_ptr.hpp>

namespace graphrag::gateway {

class AsioExecutionUnit final : public caf::execution_unit,
                                public std::enable_shared_from_this<AsioExecutionUnit> {
public:
  // `messages_per_turn`: how many an actor handles before the sockets get their turn again.
  static std::shared_ptr<AsioExecutionUnit>
  make(caf::actor_system& system, boost::asio::io_context& io, std::size_t messages_per_turn = 32);
  ~AsioExecutionUnit() override;

  // From now on `actor` may run here. It is not kept alive. Thread-safe.
  void adopt(const caf::actor& actor);

  // Sends without a sender. Thread-safe; saves the wake-up on a thread that runs the io_context.
  template <class... Ts>
  void send(const caf::actor& to, Ts&&... values) {
    to->enqueue(nullptr, caf::make_message_id(), caf::make_message(std::forward<Ts>(values)...),
                this);
  }

  // Hands what waits to CAF's scheduler, and everything that comes later too. Call it when the
  // io_context stops for good (before its threads are joined or after): no actor is ever stranded.
  void stop();

  // Takes over one reference of `job`. Thread-safe.
  void exec_later(caf::resumable* job) override;

private:
  AsioExecutionUnit(caf::actor_system& system, boost::asio::io_context& io, std::size_t turn);
  bool adopted(const caf::resumable* job) const;
  void post();
  void run();

  boost::asio::io_context& io_;
  const std::size_t messages_per_turn_;
  mutable std::mutex mutex_;
  // Weak: the memory of an actor that ended is not reused while it stands here, so an address
  // always means the actor that was adopted.
  std::vector<std::pair<const caf::resumable*, caf::weak_actor_ptr>> adopted_;
  std::deque<caf::resumable*> ready_;
  bool posted_ = false, stopped_ = false;
};

} // namespace graphrag::gateway
