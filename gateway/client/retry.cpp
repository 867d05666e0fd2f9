#include "gateway/client/retry.hpp"

#include <algorithm>
#include <charconv>

namespace graphrag::client {

bool is_transient(int status) noexcept { return status == 429 || status == 503; }

std::chrono::milliseconds retry_delay(const RetryPolicy& policy, unsigned attempt,
                                      const std::optional<std::string>& retry_after,
                                      double jitter) {
  auto doublings = std::min(attempt > 0 ? attempt - 1 : 0, 16U);
  auto full = std::min(policy.longest, policy.first * (1U << doublings));
  auto delay = std::chrono::milliseconds{
      static_cast<std::int64_t>(static_cast<double>(full.count()) * (0.5 + jitter / 2))};
  if (!retry_after) return delay;
  unsigned seconds = 0;
  auto end = retry_after->data() + retry_after->size();
  auto read = std::from_chars(retry_after->data(), end, seconds);
  if (read.ec != std::errc{} || read.ptr != end) return delay; // a date, or nonsense
  return std::max<std::chrono::milliseconds>(delay, std::chrono::seconds{std::min(seconds, 300U)});
}

} // namespace graphrag::client
