#pragma once
// Metrics of one endpoint's calls.
#include <array>
#include <chrono>
#include <string>

#include "observability/metrics.hpp"
#include "runtime/error.hpp"
#include "runtime/models/circuit_breaker.hpp"
#include "runtime/models/purpose.hpp"
#include "runtime/models/spend.hpp"

namespace graphrag::runtime::models {

// Thread-safe. Endpoints of one name share their metrics.
class ModelMetrics {
public:
  explicit ModelMetrics(const std::string& endpoint);

  void finished(Purpose purpose, std::string_view outcome, std::chrono::nanoseconds took);
  void retried(Purpose purpose) { of(purpose).retries->Increment(); }
  void spent(Purpose purpose, const Usage& usage, std::int64_t micros);
  // 0 closed, 1 half-open, 2 open.
  void breaker(CircuitBreaker::State state) { breaker_.Set(static_cast<double>(state)); }

private:
  struct PerPurpose {
    prometheus::Counter* retries;
    prometheus::Counter* input_tokens;
    prometheus::Counter* output_tokens;
    prometheus::Counter* micros;
    prometheus::Histogram* seconds;
  };
  PerPurpose& of(Purpose purpose) { return per_purpose_[static_cast<std::size_t>(purpose)]; }

  const std::string endpoint_;
  std::array<PerPurpose, purpose_names.size()> per_purpose_;
  prometheus::Gauge& breaker_;
};

} // namespace graphrag::runtime::models
