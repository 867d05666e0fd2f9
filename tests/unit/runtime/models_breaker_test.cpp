#include "runtime/models/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace graphrag::runtime::models {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;
using Outcome = CircuitBreaker::Outcome;

class Breaker : public testing::Test {
protected:
  void one(CircuitBreaker& breaker, Outcome outcome) {
    const auto permit = breaker.allow(clock_.now());
    ASSERT_TRUE(permit);
    breaker.record(*permit, outcome, clock_.now());
  }
  void open(CircuitBreaker& breaker) {
    while (breaker.state() == State::closed) one(breaker, Outcome::failure);
  }
  ManualClock clock_;
};

TEST_F(Breaker, OpensAfterFailuresInARow) {
  CircuitBreaker breaker{{.consecutive_failures = 3}};
  one(breaker, Outcome::failure);
  one(breaker, Outcome::failure);
  one(breaker, Outcome::success); // breaks the row
  one(breaker, Outcome::failure);
  one(breaker, Outcome::neutral); // does not
  one(breaker, Outcome::failure);
  EXPECT_EQ(breaker.state(), State::closed);
  one(breaker, Outcome::failure);
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_FALSE(breaker.allow(clock_.now()));
}

TEST_F(Breaker, OpensByTheRatioOfItsWindow) {
  CircuitBreaker breaker{
      {.consecutive_failures = 0, .window = 8, .least_calls = 4, .failure_ratio = 0.5}};
  for (int i = 0; i < 8; ++i) one(breaker, Outcome::success);
  for (const auto outcome : {Outcome::failure, Outcome::success, Outcome::failure, Outcome::success,
                             Outcome::failure, Outcome::success})
    one(breaker, outcome);
  EXPECT_EQ(breaker.state(), State::closed); // 3 of the last 8
  one(breaker, Outcome::failure);
  EXPECT_EQ(breaker.state(), State::open); // 4 of the last 8
}

TEST_F(Breaker, TooFewCallsHaveNoRatio) {
  CircuitBreaker breaker{
      {.consecutive_failures = 0, .window = 8, .least_calls = 4, .failure_ratio = 0.5}};
  for (int i = 0; i < 3; ++i) one(breaker, Outcome::failure);
  EXPECT_EQ(breaker.state(), State::closed);
  one(breaker, Outcome::failure);
  EXPECT_EQ(breaker.state(), State::open);
}

TEST_F(Breaker, OneProbeDecides) {
  CircuitBreaker breaker{{.consecutive_failures = 2, .open_for = 10s}};
  open(breaker);
  clock_.advance(10s - 1ns);
  EXPECT_FALSE(breaker.allow(clock_.now()));
  clock_.advance(1ns);
  const auto probe = breaker.allow(clock_.now());
  ASSERT_TRUE(probe);
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_FALSE(breaker.allow(clock_.now())) << "a second probe";
  EXPECT_TRUE(breaker.record(*probe, Outcome::failure, clock_.now()));
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_FALSE(breaker.allow(clock_.now() + 9s)) << "the rest begins again";

  clock_.advance(10s);
  const auto second = breaker.allow(clock_.now());
  ASSERT_TRUE(second);
  EXPECT_TRUE(breaker.record(*second, Outcome::success, clock_.now()));
  EXPECT_EQ(breaker.state(), State::closed);
  one(breaker, Outcome::failure); // the old failures are forgotten
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(Breaker, AProbeThatSaysNothingMakesRoomForAnother) {
  CircuitBreaker breaker{{.consecutive_failures = 1, .open_for = 10s}};
  open(breaker);
  clock_.advance(10s);
  const auto probe = breaker.allow(clock_.now());
  EXPECT_FALSE(breaker.record(*probe, Outcome::neutral, clock_.now()));
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_TRUE(breaker.allow(clock_.now()));
}

TEST_F(Breaker, OutcomesOfAnEarlierStateDoNotCount) {
  CircuitBreaker breaker{{.consecutive_failures = 2, .open_for = 10s}};
  const auto slow = *breaker.allow(clock_.now());
  open(breaker);
  EXPECT_FALSE(breaker.holds(slow));
  EXPECT_FALSE(breaker.record(slow, Outcome::success, clock_.now()));
  EXPECT_EQ(breaker.state(), State::open);
  clock_.advance(10s);
  const auto probe = *breaker.allow(clock_.now());
  EXPECT_FALSE(breaker.record(slow, Outcome::failure, clock_.now()));
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_TRUE(breaker.holds(probe));
}

} // namespace
} // namespace graphrag::runtime::models
