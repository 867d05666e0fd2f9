#include "runtime/actor/restart_policy.hpp"

#include <algorithm>

namespace graphrag::runtime {

bool IntensityWindow::allow(SteadyTime now) {
  while (!restarts_.empty() && now - restarts_.front() > limit_.period) restarts_.pop_front();
  if (restarts_.size() >= limit_.restarts) return false;
  restarts_.push_back(now);
  return true;
}

void BackoffCounter::started(SteadyTime now) { started_ = now; }

std::chrono::milliseconds BackoffCounter::next_delay(SteadyTime now) {
  if (started_ && now - *started_ >= settings_.reset_after) failures_ = 0;
  started_.reset();
  auto delay = std::max(settings_.min, std::chrono::milliseconds{1});
  for (std::uint32_t i = 0; i < failures_ && delay < settings_.max; ++i) delay *= 2;
  delay = std::min(delay, settings_.max);
  ++failures_;
  std::uniform_real_distribution<double> spread{1 - settings_.jitter, 1 + settings_.jitter};
  return std::chrono::milliseconds{
      static_cast<std::int64_t>(static_cast<double>(delay.count()) * spread(random_))};
}

} // namespace graphrag::runtime
