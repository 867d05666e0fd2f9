#pragma once
// Keeps calls from an endpoint that fails: a pure state machine under the caller's time and lock.
// Closed: calls pass. Open: none does, for `open_for`. Half-open: one probe decides. After Nygard,
// "Release It!"; the window counts calls, not seconds, so that a quiet hour changes nothing.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/clock.hpp"

namespace graphrag::runtime::models {

class CircuitBreaker {
public:
  enum class State : std::uint8_t { closed, half_open, open };
  // neutral: says nothing about the endpoint's health (canceled, refused by a rate limit).
  enum class Outcome : std::uint8_t { success, failure, neutral };

  struct Options {
    unsigned consecutive_failures = 5; // opens; 0: never for this reason
    unsigned window = 32;              // the last calls that the ratio is taken of
    unsigned least_calls = 16;         // fewer calls in the window have no ratio
    double failure_ratio = 0.5;        // opens from here; above 1: never for this reason
    std::chrono::milliseconds open_for{30'000};
  };

  // Goes with one call, from allow() to record(). Outcomes of an earlier state are not counted.
  struct Permit {
    std::uint64_t era = 0;
  };

  CircuitBreaker() : CircuitBreaker(Options{}) {}
  explicit CircuitBreaker(const Options& options);

  // A call may start, or nothing. Every permit must be recorded once, else a probe is never over.
  std::optional<Permit> allow(SteadyTime now);
  // False: the state has changed since the permit was given; the call should not start any more.
  bool holds(Permit permit) const noexcept { return permit.era == era_; }
  // True when this changed the state.
  bool record(Permit permit, Outcome outcome, SteadyTime now);

  State state() const noexcept { return state_; }

private:
  void enter(State state, SteadyTime now);
  bool count(bool failed);

  Options options_;
  State state_ = State::closed;
  std::uint64_t era_ = 1;
  SteadyTime opened_at_{};
  bool probing_ = false;
  unsigned in_a_row_ = 0;
  std::vector<bool> failed_; // ring of the last `window` outcomes
  std::size_t next_ = 0, failures_ = 0;
};

std::string_view to_string(CircuitBreaker::State state) noexcept;

} // namespace graphrag::runtime::models
