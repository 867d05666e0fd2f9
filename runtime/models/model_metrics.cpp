#include "runtime/models/model_metrics.hpp"

namespace graphrag::runtime::models {
namespace {

using observability::counter;
using observability::Labels;

// A call may take as long as its timeout: the usual buckets end too early.
const std::vector<double>& call_buckets() {
  static const std::vector<double> buckets{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                           2.5,  5,     10,   20,  40,   80,  160};
  return buckets;
}

} // namespace

ModelMetrics::ModelMetrics(const std::string& endpoint)
    : endpoint_(endpoint),
      breaker_(observability::gauge("graphrag_model_breaker_state",
                                    "Circuit breaker: 0 closed, 1 half-open, 2 open.",
                                    {{"endpoint", endpoint}})) {
  for (std::size_t i = 0; i < purpose_names.size(); ++i) {
    const Labels labels{{"endpoint", endpoint}, {"purpose", std::string{purpose_names[i]}}};
    const auto tokens = [&](const char* direction) {
      auto with = labels;
      with["direction"] = direction;
      return &counter("graphrag_model_tokens_total",
                      "Tokens, as the endpoint counted them or as estimated.", with);
    };
    per_purpose_[i] = {
        &counter("graphrag_model_retries_total", "Attempts after the first of a call.", labels),
        tokens("input"), tokens("output"),
        &counter("graphrag_model_cost_micros_total",
                 "Cost of the tokens in millionths of the currency of the prices.", labels),
        &observability::histogram("graphrag_model_seconds",
                                  "Time of a call with its waits and attempts.", call_buckets(),
                                  labels)};
  }
}

void ModelMetrics::finished(Purpose purpose, std::string_view outcome,
                            std::chrono::nanoseconds took) {
  counter("graphrag_model_calls_total", "Calls of models, by purpose and outcome.",
          {{"endpoint", endpoint_},
           {"purpose", std::string{to_string(purpose)}},
           {"outcome", std::string{outcome}}})
      .Increment();
  of(purpose).seconds->Observe(std::chrono::duration<double>(took).count());
}

void ModelMetrics::spent(Purpose purpose, const Usage& usage, std::int64_t micros) {
  auto& metrics = of(purpose);
  metrics.input_tokens->Increment(static_cast<double>(usage.input_tokens));
  metrics.output_tokens->Increment(static_cast<double>(usage.output_tokens));
  metrics.micros->Increment(static_cast<double>(micros));
}

} // namespace graphrag::runtime::models
