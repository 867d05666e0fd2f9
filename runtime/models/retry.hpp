#pragma once
// When to ask a model again, as pure decisions.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace graphrag::runtime::models {

struct RetryOptions {
  unsigned max_retries = 2;
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds longest{20'000};
};

// 408, 429 and 5xx. Every other status is an answer that asking again does not change.
bool is_transient(int status) noexcept;

// How long a Retry-After header asks to wait: seconds, or a date in the form that HTTP prefers
// (RFC 9110, 10.2.3 and 5.6.7). Nothing when it is neither; a date that is past is zero.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                           std::int64_t wall_ms) noexcept;

// The wait before the `retry`-th retry (1, 2, ...): doubles from `first` to `longest`. `jitter` in
// [0, 1) spreads it over its second half. What the server asked for is the least.
std::chrono::milliseconds retry_delay(const RetryOptions& options, unsigned retry,
                                      std::optional<std::chrono::milliseconds> asked,
                                      double jitter) noexcept;

} // namespace graphrag::runtime::models
