#include "runtime/actor/io_pool.hpp"

#include "runtime/thread_priority.hpp"

namespace graphrag::runtime {

caf::behavior IoActor::make_behavior() {
  if (nice_ > 0) yield_to_questions(nice_);
  return {[](const Task& task) { (*task)(); }};
}

IoPool::IoPool(const std::string& stage, std::size_t actors, std::int64_t max_queued)
    : refs_(actors), gate_(AdmissionGate::make(stage, max_queued)) {}

bool IoPool::submit(std::function<void()> task) {
  auto ticket = gate_->try_enter();
  if (!ticket) return false;
  auto held = std::make_shared<AdmissionGate::Ticket>(std::move(*ticket));
  auto boxed = std::make_shared<std::function<void()>>([held, task = std::move(task)] { task(); });
  auto first = next_.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < refs_.size(); ++i)
    if (refs_[(first + i) % refs_.size()].send(boxed)) return true;
  return false;
}

} // namespace graphrag::runtime
