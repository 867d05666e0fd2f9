#pragma once
// The Clock seam: everything that reads time takes one, so that tests move time by hand.
#include <atomic>
#include <chrono>
#include <cstdint>

namespace graphrag::runtime {

using SteadyTime = std::chrono::steady_clock::time_point;

// Thread-safe. now() is monotonic, for deadlines and durations; wall_ms() is Unix time in
// milliseconds, for stamps that people and other systems read.
class Clock {
public:
  virtual ~Clock() = default;
  virtual SteadyTime now() const = 0;
  virtual std::int64_t wall_ms() const = 0;
};

class SystemClock final : public Clock {
public:
  SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  std::int64_t wall_ms() const override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }
};

// Stands still until advance(). Starts at one hour, so that subtracting from now() is safe.
class ManualClock final : public Clock {
public:
  SteadyTime now() const override { return SteadyTime{std::chrono::nanoseconds{nanos_.load()}}; }
  std::int64_t wall_ms() const override { return nanos_.load() / 1'000'000; }
  void advance(std::chrono::nanoseconds by) { nanos_ += by.count(); }

private:
  std::atomic<std::int64_t> nanos_{3'600'000'000'000};
};

} // namespace graphrag::runtime
