#pragma once
// Work that blocks (SQL reads, blobs) or computes for long (analysis) on a bounded pool of detached
// actors, so that it never holds a CAF worker or an Asio thread.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/actor/actor_ref.hpp"
#include "runtime/actor/metered_actor.hpp"
#include "runtime/actor/task.hpp"
#include "runtime/admission.hpp"

namespace graphrag::runtime {

class IoActor final : public MeteredActor {
public:
  // `nice` above 0: the actor's thread yields to those that answer questions.
  IoActor(caf::actor_config& config, ActorIdentity identity, int nice)
      : MeteredActor(config, std::move(identity)), nice_(nice) {}
  caf::behavior make_behavior() override;

private:
  int nice_;
};

// Thread-safe. The actors behind the refs are children of a supervisor.
class IoPool {
public:
  // `stage` names its admission gate in the metrics.
  IoPool(const std::string& stage, std::size_t actors, std::int64_t max_queued);
  const std::vector<ActorRef>& refs() const noexcept { return refs_; }
  // False at the bound, or when no actor is up: the task was not taken and is destroyed.
  bool submit(std::function<void()> task);
  std::int64_t queued() const noexcept { return gate_->in_flight(); }

private:
  std::vector<ActorRef> refs_;
  std::shared_ptr<AdmissionGate> gate_;
  std::atomic<std::size_t> next_{0};
};

} // namespace graphrag::runtime
