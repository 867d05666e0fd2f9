#include "runtime/models/circuit_breaker.hpp"

namespace graphrag::runtime::models {

CircuitBreaker::CircuitBreaker(const Options& options) : options_(options) {
  failed_.reserve(options_.window);
}

std::optional<CircuitBreaker::Permit> CircuitBreaker::allow(SteadyTime now) {
  if (state_ == State::open) {
    if (now - opened_at_ < options_.open_for) return std::nullopt;
    enter(State::half_open, now);
  }
  if (state_ == State::half_open) {
    if (probing_) return std::nullopt;
    probing_ = true;
  }
  return Permit{era_};
}

bool CircuitBreaker::record(Permit permit, Outcome outcome, SteadyTime now) {
  if (!holds(permit) || state_ == State::open) return false;
  if (state_ == State::half_open) {
    probing_ = false;
    if (outcome == Outcome::neutral) return false;
    enter(outcome == Outcome::success ? State::closed : State::open, now);
    return true;
  }
  if (outcome == Outcome::neutral || !count(outcome == Outcome::failure)) return false;
  enter(State::open, now);
  return true;
}

// Whether that was one failure too many.
bool CircuitBreaker::count(bool failed) {
  in_a_row_ = failed ? in_a_row_ + 1 : 0;
  if (options_.window > 0) {
    if (failed_.size() < options_.window) {
      failed_.push_back(failed);
    } else {
      failures_ -= failed_[next_] ? 1 : 0;
      failed_[next_] = failed;
      next_ = (next_ + 1) % options_.window;
    }
    failures_ += failed ? 1 : 0;
  }
  if (!failed) return false;
  if (options_.consecutive_failures > 0 && in_a_row_ >= options_.consecutive_failures) return true;
  return options_.window > 0 && failed_.size() >= options_.least_calls &&
         static_cast<double>(failures_) >=
             options_.failure_ratio * static_cast<double>(failed_.size());
}

void CircuitBreaker::enter(State state, SteadyTime now) {
  state_ = state;
  ++era_;
  probing_ = false;
  in_a_row_ = 0;
  failed_.clear();
  next_ = failures_ = 0;
  if (state == State::open) opened_at_ = now;
}

std::string_view to_string(CircuitBreaker::State state) noexcept {
  switch (state) {
  case CircuitBreaker::State::closed:
    return "closed";
  case CircuitBreaker::State::half_open:
    return "half_open";
  case CircuitBreaker::State::open:
    return "open";
  }
  return "unknown";
}

} // namespace graphrag::runtime::models
