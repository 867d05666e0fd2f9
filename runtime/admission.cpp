#include "runtime/admission.hpp"

#include <map>
#include <mutex>
#include <vector>

#include "observability/metrics.hpp"
#include "runtime/check.hpp"

namespace graphrag::runtime {

namespace {

// Every live gate, for the scrape. Gates of one stage are added up.
struct Gates {
  std::mutex mutex;
  std::vector<std::weak_ptr<AdmissionGate>> all;

  Gates() {
    observability::add_collector([this] { return collect(); });
  }

  void add(const std::shared_ptr<AdmissionGate>& gate) {
    std::lock_guard lock{mutex};
    std::erase_if(all, [](const auto& known) { return known.expired(); });
    all.push_back(gate);
  }

  std::vector<prometheus::MetricFamily> collect() {
    struct Sum {
      double in_flight = 0, limit = 0;
    };
    std::map<std::string, Sum> by_stage;
    {
      std::lock_guard lock{mutex};
      for (const auto& known : all) {
        const auto gate = known.lock();
        if (!gate) continue;
        auto& sum = by_stage[gate->stage()];
        sum.in_flight += static_cast<double>(gate->in_flight());
        sum.limit += static_cast<double>(gate->limit());
      }
    }
    prometheus::MetricFamily in_flight{"graphrag_stage_in_flight",
                                       "Units of work admitted to a stage and not yet finished.",
                                       prometheus::MetricType::Gauge,
                                       {}};
    prometheus::MetricFamily limit{"graphrag_stage_limit",
                                   "Most units of work that a stage admits at once.",
                                   prometheus::MetricType::Gauge,
                                   {}};
    for (const auto& [stage, sum] : by_stage) {
      prometheus::ClientMetric metric;
      metric.label = {{"stage", stage}};
      metric.gauge.value = sum.in_flight;
      in_flight.metric.push_back(metric);
      metric.gauge.value = sum.limit;
      limit.metric.push_back(metric);
    }
    return {std::move(in_flight), std::move(limit)};
  }
};

Gates& gates() {
  static auto& instance = *new Gates;
  return instance;
}

} // namespace

AdmissionGate::AdmissionGate(std::string stage, std::int64_t limit)
    : stage_(std::move(stage)), limit_(limit),
      rejected_total_(observability::counter("graphrag_stage_rejected_total",
                                             "Requests refused because a stage was at its bound.",
                                             {{"stage", stage_}})) {}

std::shared_ptr<AdmissionGate> AdmissionGate::make(std::string stage, std::int64_t limit) {
  std::shared_ptr<AdmissionGate> gate{new AdmissionGate{std::move(stage), limit}};
  gates().add(gate);
  return gate;
}

std::optional<AdmissionGate::Ticket> AdmissionGate::try_enter(std::int64_t units) {
  RUNTIME_CHECK(units >= 0, "a negative amount of work asked for admission");
  auto current = in_flight_.load(std::memory_order_relaxed);
  do {
    // Written as a difference, so that it cannot overflow.
    if (current > 0 && units > limit_ - current) {
      rejected_.fetch_add(1, std::memory_order_relaxed);
      rejected_total_.Increment();
      return std::nullopt;
    }
  } while (!in_flight_.compare_exchange_weak(current, current + units, std::memory_order_relaxed));
  return Ticket{shared_from_this(), units};
}

} // namespace graphrag::runtime
