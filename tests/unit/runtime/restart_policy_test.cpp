#include "runtime/actor/restart_policy.hpp"

#include <gtest/gtest.h>

namespace graphrag::runtime {
namespace {

using namespace std::chrono_literals;

TEST(IntensityWindow, AllowsUpToTheLimitWithinThePeriod) {
  ManualClock clock;
  IntensityWindow window{{3, 10s}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(window.allow(clock.now()));
    clock.advance(1s);
  }
  EXPECT_FALSE(window.allow(clock.now()));
}

TEST(IntensityWindow, ForgetsRestartsOlderThanThePeriod) {
  ManualClock clock;
  IntensityWindow window{{2, 10s}};
  EXPECT_TRUE(window.allow(clock.now()));
  clock.advance(6s);
  EXPECT_TRUE(window.allow(clock.now()));
  clock.advance(5s); // the first is 11 s old, the second 5 s
  EXPECT_TRUE(window.allow(clock.now()));
  EXPECT_FALSE(window.allow(clock.now()));
}

TEST(IntensityWindow, ASustainedRateUnderTheLimitGoesOnForEver) {
  ManualClock clock;
  IntensityWindow window{{5, 30s}};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(window.allow(clock.now()));
    clock.advance(6001ms);
  }
}

TEST(IntensityWindow, ZeroMeansNeverRestart) {
  IntensityWindow window{{0, 30s}};
  EXPECT_FALSE(window.allow(ManualClock{}.now()));
}

TEST(BackoffCounter, DoublesUpToTheMaximum) {
  ManualClock clock;
  BackoffCounter counter{{.min = 50ms, .max = 1s, .jitter = 0}, 1};
  for (const auto expected : {50ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms})
    EXPECT_EQ(counter.next_delay(clock.now()), expected);
}

TEST(BackoffCounter, JitterStaysInItsBoundsAndDiffersBySeed) {
  ManualClock clock;
  bool differ = false;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    BackoffCounter one{{.min = 1000ms, .max = 10s, .jitter = 0.2}, seed};
    BackoffCounter other{{.min = 1000ms, .max = 10s, .jitter = 0.2}, seed + 1};
    const auto delay = one.next_delay(clock.now());
    EXPECT_GE(delay, 800ms);
    EXPECT_LE(delay, 1200ms);
    differ = differ || delay != other.next_delay(clock.now());
  }
  EXPECT_TRUE(differ);
}

TEST(BackoffCounter, ALongLifeStartsAgainFromTheMinimum) {
  ManualClock clock;
  BackoffCounter counter{{.min = 50ms, .max = 10s, .jitter = 0, .reset_after = 30s}, 1};
  for (int i = 0; i < 5; ++i) counter.next_delay(clock.now());
  counter.started(clock.now());
  clock.advance(29s);
  EXPECT_EQ(counter.next_delay(clock.now()), 1600ms);
  counter.started(clock.now());
  clock.advance(30s);
  EXPECT_EQ(counter.next_delay(clock.now()), 50ms);
}

TEST(BackoffCounter, FailingStartsAfterALongLifeStillBackOff) {
  ManualClock clock;
  BackoffCounter counter{{.min = 50ms, .max = 10s, .jitter = 0, .reset_after = 30s}, 1};
  counter.started(clock.now());
  clock.advance(1h);
  EXPECT_EQ(counter.next_delay(clock.now()), 50ms);
  EXPECT_EQ(counter.next_delay(clock.now()), 100ms);
  EXPECT_EQ(counter.next_delay(clock.now()), 200ms);
}

} // namespace
} // namespace graphrag::runtime
