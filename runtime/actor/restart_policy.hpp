#pragma once
// When and after how long a child is started again: pure, under a caller's clock. OTP's restart
// intensity, with exponential backoff and jitter as Akka's BackoffSupervisor has it.
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>

#include "runtime/clock.hpp"

namespace graphrag::runtime {

enum class Restart : std::uint8_t { permanent, transient, temporary };
enum class Strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one };

struct Backoff {
  std::chrono::milliseconds min{50}, max{10'000};
  double jitter = 0.2;                           // delay * (1 ± jitter)
  std::chrono::milliseconds reset_after{30'000}; // alive this long: start again from min
};

struct Intensity { // more than `restarts` within `period`: give up and escalate
  std::uint32_t restarts = 5;
  std::chrono::milliseconds period{30'000};
};

// Per supervisor: counts restarts. Pure.
class IntensityWindow {
public:
  explicit IntensityWindow(Intensity limit) : limit_(limit) {}
  // Records a restart at `now`; false when that is one too many.
  bool allow(SteadyTime now);

private:
  Intensity limit_;
  std::deque<SteadyTime> restarts_;
};

// Per child: how long to wait before the next start. Pure but for its seeded generator.
class BackoffCounter {
public:
  BackoffCounter(Backoff settings, std::uint64_t seed) : settings_(settings), random_(seed) {}
  void started(SteadyTime now);
  std::chrono::milliseconds next_delay(SteadyTime now); // call when the child ended

private:
  Backoff settings_;
  std::mt19937_64 random_;
  std::uint32_t failures_ = 0;
  std::optional<SteadyTime> started_; // empty until a start succeeds
};

} // namespace graphrag::runtime
