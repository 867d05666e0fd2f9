#include "runtime/actor/supervisor_state.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace graphrag::runtime {

namespace {

// After a kill: how long until a child that lives on is reported.
constexpr std::chrono::milliseconds kill_grace{1'000};

using Kind = SupervisorCommand::Kind;

} // namespace

std::string_view to_string(ChildState state) noexcept {
  switch (state) {
  case ChildState::pending:
  case ChildState::starting:
    return "starting";
  case ChildState::running:
    return "running";
  case ChildState::stopping:
    return "stopping";
  case ChildState::backoff:
    return "backoff";
  case ChildState::paused:
    return "paused";
  case ChildState::stopped:
    return "stopped";
  case ChildState::gave_up:
    break;
  }
  return "gave_up";
}

SupervisorState::SupervisorState(Strategy strategy, Intensity intensity,
                                 const std::vector<ChildRules>& children, std::uint64_t seed)
    : strategy_(strategy), limit_(intensity), intensity_(intensity) {
  for (const auto& rules : children)
    children_.push_back(Child{rules, BackoffCounter{rules.backoff, seed++}});
}

SupervisorState::Commands SupervisorState::begin(SteadyTime now) { return advance(now); }

SupervisorState::Commands SupervisorState::tick(SteadyTime now) { return advance(now); }

SupervisorState::Commands SupervisorState::started(std::size_t child, SteadyTime now) {
  auto& one = children_.at(child);
  if (one.state == ChildState::starting) one.state = ChildState::running;
  if (one.alive()) one.backoff.started(now);
  return advance(now);
}

SupervisorState::Commands SupervisorState::ended(std::size_t child, EndKind kind,
                                                 std::string reason, SteadyTime now) {
  auto& one = children_.at(child);
  if (!one.alive()) return {};
  const bool told = one.state == ChildState::stopping || one.leaving;
  one.last_reason = std::move(reason);
  one.leaving = false;
  one.state = ChildState::stopped;
  Commands out;
  if (!ending_ && !told) ended_by_itself(child, kind, now, out);
  if (!ending_ && told && one.rules.restart != Restart::temporary) {
    one.state = ChildState::pending;
    ++one.restarts;
    out.push_back({Kind::restarting, child, "its group is restarted"});
  }
  return advance(now, std::move(out));
}

SupervisorState::Commands SupervisorState::probed(std::size_t child, bool ready, SteadyTime now) {
  auto& one = children_.at(child);
  if (one.state != ChildState::paused) return {};
  if (ready)
    one.state = ChildState::pending;
  else
    one.due = now + one.backoff.next_delay(now);
  return advance(now);
}

SupervisorState::Commands SupervisorState::stop(SteadyTime now) {
  if (!ending_) end_all({});
  return advance(now);
}

void SupervisorState::ended_by_itself(std::size_t child, EndKind kind, SteadyTime now,
                                      Commands& out) {
  auto& one = children_[child];
  if (one.rules.restart == Restart::temporary) return;
  const bool finished = kind == EndKind::normal || kind == EndKind::shutdown;
  if (one.rules.restart == Restart::transient && finished) return;
  if (kind == EndKind::dependency) {
    one.state = ChildState::paused;
    const auto delay = one.backoff.next_delay(now);
    one.due = now + delay;
    out.push_back({Kind::pausing, child, one.last_reason, delay});
  } else if (intensity_.allow(now)) {
    one.state = ChildState::backoff;
    const auto delay = one.backoff.next_delay(now);
    one.due = now + delay;
    ++one.restarts;
    out.push_back({Kind::restarting, child, one.last_reason, delay});
  } else {
    end_all("more than " + std::to_string(limit_.restarts) + " restarts in " +
            std::to_string(limit_.period.count()) + " ms; the last: " + one.last_reason);
    return;
  }
  restart_group_of(child);
}

void SupervisorState::restart_group_of(std::size_t child) {
  if (strategy_ == Strategy::one_for_one) return;
  const auto first = strategy_ == Strategy::one_for_all ? 0 : child + 1;
  for (auto i = first; i < children_.size(); ++i) {
    if (i == child) continue;
    auto& one = children_[i];
    if (one.alive())
      one.leaving = true;
    else if (one.state == ChildState::stopped && one.rules.restart != Restart::temporary)
      one.state = ChildState::pending; // OTP starts finished transient children of the group too
  }
}

void SupervisorState::end_all(std::string reason) {
  ending_ = true;
  give_up_reason_ = std::move(reason);
  for (auto& one : children_)
    if (!one.alive()) one.state = ChildState::stopped;
}

SupervisorState::Commands SupervisorState::advance(SteadyTime now, Commands out) {
  wake_.reset();
  if (finished_ || advance_stops(now, out)) return out;
  if (ending_) {
    finished_ = true;
    out.push_back({Kind::finish, 0, give_up_reason_});
  } else {
    advance_starts(now, out);
  }
  return out;
}

// True while somebody is being stopped: only the youngest who must go is worked on.
bool SupervisorState::advance_stops(SteadyTime now, Commands& out) {
  for (auto i = children_.size(); i-- > 0;) {
    auto& one = children_[i];
    if (!one.alive() || !(ending_ || one.leaving)) continue;
    if (one.state != ChildState::stopping) {
      one.state = ChildState::stopping;
      one.killed = false;
      one.due = now + one.rules.stop_deadline;
      out.push_back({Kind::stop, i});
    } else if (!one.killed && one.due <= now) {
      one.killed = true;
      one.due = now + kill_grace;
      out.push_back({Kind::kill, i});
    } else if (one.killed && one.due <= now) {
      one.due = SteadyTime::max();
      out.push_back({Kind::overdue, i});
      if (ending_) {
        one.state = ChildState::stopped;
        continue;
      }
    }
    wake_at(one.due);
    return true;
  }
  return false;
}

void SupervisorState::advance_starts(SteadyTime now, Commands& out) {
  const bool together = strategy_ == Strategy::one_for_all;
  const bool in_order = strategy_ != Strategy::one_for_one;
  // Nobody of a group that starts together starts before all of them may.
  bool held = false;
  if (together)
    for (std::size_t i = 0; i < children_.size(); ++i) held = !waited_enough(i, now, out) || held;
  bool someone_starts = false;
  for (std::size_t i = 0; i < children_.size() && !held; ++i) {
    auto& one = children_[i];
    if (!together && !waited_enough(i, now, out)) {
      held = in_order;
    } else if (one.state == ChildState::pending || one.state == ChildState::backoff) {
      one.state = ChildState::starting;
      out.push_back({Kind::start, i});
    }
    if (one.state == ChildState::starting) {
      someone_starts = true;
      held = held || in_order || !up_;
    }
  }
  if (!up_ && !someone_starts) {
    up_ = true;
    out.push_back({Kind::up});
  }
}

bool SupervisorState::waited_enough(std::size_t child, SteadyTime now, Commands& out) {
  auto& one = children_[child];
  if (one.state != ChildState::backoff && one.state != ChildState::paused) return true;
  if (one.due > now) {
    wake_at(one.due);
    return false;
  }
  if (one.state == ChildState::backoff) return true;
  out.push_back({Kind::probe, child});
  one.due = SteadyTime::max(); // until probed() tells
  return false;
}

void SupervisorState::wake_at(SteadyTime time) {
  if (time == SteadyTime::max()) return;
  wake_ = wake_ ? std::min(*wake_, time) : time;
}

} // namespace graphrag::runtime
