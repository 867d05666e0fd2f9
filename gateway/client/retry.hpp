#pragma once
// When to try again, as pure decisions.
#include <chrono>
#include <optional>
#include <string>

namespace graphrag::client {

struct RetryPolicy {
  std::chrono::milliseconds first{250};
  std::chrono::milliseconds longest{10'000};
  std::chrono::milliseconds give_up_after{120'000}; // of nothing but refusals
};

// 429 and 503: the server asks for patience. Everything else is an answer.
bool is_transient(int status) noexcept;

// How long to wait after the `attempt`-th refusal (1, 2, ...). Doubles from `first` to `longest`;
// a Retry-After in seconds is honoured when it asks for more (up to five minutes). `jitter` in
// [0, 1) spreads clients over the second half of the wait.
std::chrono::milliseconds retry_delay(const RetryPolicy& policy, unsigned attempt,
                                      const std::optional<std::string>& retry_after, double jitter);

} // namespace graphrag::client
