#pragma once
// MeteredActor: the base of every actor. Counts its mailbox exactly (readable from any thread),
// keeps the age of the oldest message and a handling-time histogram (one message in 16), and
// installs all five default handlers of CAF so that nothing dies or prints in silence:
//
//   a message without a handler   dead letter: counted and logged; a request gets an error
//   an error nobody handled, the end of a watched actor, an abnormal exit message, a throw
//                                 logged; the actor ends abnormally, which its supervisor sees
//   user_shutdown                 the actor ends as asked
//
// Subclasses may set handlers of their own afterwards.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "runtime/actor/mailbox_meter.hpp"

namespace graphrag::runtime {

struct ActorIdentity {
  std::string kind;     // metric label: "chunk", "document", "query", "store_writer" ...
  std::string instance; // shard or number; "" when there is one. Temporary actors share one.
  std::string path;     // place in the supervision tree: "/node/shards/chunk-0"
};

// Shared by all incarnations (and by all temporary actors) of one (kind, instance).
class ActorMeter;
// The meter for an identity, made on first use; lives as long as the process. Thread-safe.
std::shared_ptr<ActorMeter> meter_of(const std::string& kind, const std::string& instance);

struct ActorMeterReading {
  std::string kind, instance;
  std::int64_t depth = 0;    // messages waiting or being handled, over live incarnations
  double oldest_seconds = 0; // age of the oldest of them
  std::uint64_t handled = 0;
  std::uint64_t dead_letters = 0; // messages to ended actors, and left in their mailboxes
  std::int64_t alive = 0;
};
std::vector<ActorMeterReading> read_meters();
// Adds the families graphrag_actor_* to observability's registry; call once at start.
void export_actor_metrics();

class MeteredActor : public caf::event_based_actor {
public:
  MeteredActor(caf::actor_config& config, ActorIdentity identity);
  ~MeteredActor() override;

  using caf::abstract_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* unit) override;
  caf::invoke_message_result consume(caf::mailbox_element& message) override;
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;
  const char* name() const override;

  const ActorIdentity& identity() const noexcept { return identity_; }

protected:
  // Ends this actor as "its dependency is away": its supervisor pauses it (no restart is counted)
  // until the child's `ready` probe says yes.
  void pause_on_dependency(std::string what);

private:
  struct LeftBehind;

  void install_handlers();
  void refuse(const caf::mailbox_element& message);
  void dead_letter(const caf::type_erased_tuple& content, const char* why);
  void retire() noexcept;

  ActorIdentity identity_;
  std::shared_ptr<ActorMeter> meter_;
  std::uint32_t until_timed_; // messages until one is timed for the histogram
  bool retired_ = false;
  MailboxMeter mailbox_meter_;
};

} // namespace graphrag::runtime
