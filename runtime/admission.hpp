#pragma once
// Admission: bounded work per stage. A gate counts units in flight against its bound; a Ticket
// returns its units when it goes away. At the bound the caller answers 429 or 503 with Retry-After.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace prometheus {
class Counter;
}

namespace graphrag::runtime {

class AdmissionGate : public std::enable_shared_from_this<AdmissionGate> {
public:
  class Ticket {
  public:
    Ticket() = default;
    Ticket(std::shared_ptr<AdmissionGate> gate, std::int64_t units)
        : gate_(std::move(gate)), units_(units) {}
    Ticket(Ticket&& other) noexcept
        : gate_(std::move(other.gate_)), units_(std::exchange(other.units_, 0)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      release();
      gate_ = std::move(other.gate_);
      units_ = std::exchange(other.units_, 0);
      return *this;
    }
    ~Ticket() { release(); }
    void release() noexcept {
      if (gate_) gate_->in_flight_.fetch_sub(units_, std::memory_order_relaxed);
      gate_.reset();
    }

  private:
    std::shared_ptr<AdmissionGate> gate_;
    std::int64_t units_ = 0;
  };

  // Registers the gate for metrics (graphrag_stage_in_flight, _limit, _rejected_total by stage).
  static std::shared_ptr<AdmissionGate> make(std::string stage, std::int64_t limit);

  // Takes `units`, or nothing. One caller may exceed the bound only when the gate is empty, so that
  // a unit larger than the bound is not refused for ever.
  std::optional<Ticket> try_enter(std::int64_t units = 1);
  std::int64_t in_flight() const noexcept { return in_flight_.load(std::memory_order_relaxed); }
  std::int64_t limit() const noexcept { return limit_; }
  std::uint64_t rejected() const noexcept { return rejected_.load(std::memory_order_relaxed); }
  const std::string& stage() const noexcept { return stage_; }

private:
  AdmissionGate(std::string stage, std::int64_t limit);
  std::string stage_;
  std::int64_t limit_;
  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<std::uint64_t> rejected_{0};
  prometheus::Counter& rejected_total_;
};

} // namespace graphrag::runtime
