#pragma once
// SupervisorState: what one supervisor decides, as OTP has it: which children to start, stop and
// kill, in which order, and when to give up. Pure: events and the time go in, commands come out;
// the actor beside it (supervisor_actor.hpp) carries them out in the order given.
//
//   pending -> starting -> running -> (ends by itself) -> backoff | paused | stopped
//                             \-> stopping -> pending (its group restarts) | stopped
//
// Stops go one at a time, from the youngest child to the oldest; starts from the oldest to the
// youngest. Nothing starts while a group is still being stopped, so there are never twins.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/actor/end_kind.hpp"
#include "runtime/actor/restart_policy.hpp"

namespace graphrag::runtime {

enum class ChildState : std::uint8_t {
  pending,  // to be started as soon as its turn comes
  starting, // told to start
  running,
  stopping, // told to stop, or killed
  backoff,  // to be started after a delay
  paused,   // to be started when its dependency is back
  stopped,  // not to be started (again)
  gave_up,  // a supervisor over its intensity (of a tree's node; children here are never in it)
};
std::string_view to_string(ChildState state) noexcept; // as in the tree's JSON

struct ChildRules {
  Restart restart = Restart::permanent;
  Backoff backoff{};
  std::chrono::milliseconds stop_deadline{5'000};
};

struct SupervisorCommand {
  enum class Kind : std::uint8_t {
    start,      // answer with started() or ended()
    stop,       // ask it to end; answer with ended() when it has
    kill,       // it missed its deadline
    overdue,    // it lives on after the kill; when the supervisor is ending, it is left behind
    probe,      // ask whether its dependency is back; answer with probed()
    restarting, // to be told to people: it starts again after `delay`
    pausing,    // to be told to people: next probe after `delay`
    up,         // once: everything was started, or waits for a delay or a dependency
    finish,     // the last one: everybody has ended. `reason` is empty when it was asked to stop
  };
  Kind kind;
  std::size_t child = 0;
  std::string reason{};
  std::chrono::milliseconds delay{0};
};

class SupervisorState {
public:
  using Commands = std::vector<SupervisorCommand>;
  struct Child {
    ChildRules rules;
    BackoffCounter backoff;
    ChildState state = ChildState::pending;
    bool leaving = false; // alive, and its group is restarted: to be stopped
    bool killed = false;
    SteadyTime due{}; // of the start, the probe, or the kill
    std::uint32_t restarts = 0;
    std::string last_reason{};

    bool alive() const noexcept {
      return state == ChildState::starting || state == ChildState::running ||
             state == ChildState::stopping;
    }
  };

  SupervisorState(Strategy strategy, Intensity intensity, const std::vector<ChildRules>& children,
                  std::uint64_t seed);

  Commands begin(SteadyTime now);
  Commands started(std::size_t child, SteadyTime now);
  Commands ended(std::size_t child, EndKind kind, std::string reason, SteadyTime now);
  Commands probed(std::size_t child, bool ready, SteadyTime now);
  Commands stop(SteadyTime now); // asked to end, in order
  Commands tick(SteadyTime now); // next_wake() has passed

  // When to call tick(), unless another event comes first.
  std::optional<SteadyTime> next_wake() const noexcept { return wake_; }
  const std::vector<Child>& children() const noexcept { return children_; }
  bool ending() const noexcept { return ending_; }

private:
  void ended_by_itself(std::size_t child, EndKind kind, SteadyTime now, Commands& out);
  void restart_group_of(std::size_t child);
  void end_all(std::string reason);
  // Gives the next commands that the state asks for, and sets wake_.
  Commands advance(SteadyTime now, Commands out = {});
  bool advance_stops(SteadyTime now, Commands& out);
  void advance_starts(SteadyTime now, Commands& out);
  // True when the child may go ahead; false when it still waits.
  bool waited_enough(std::size_t child, SteadyTime now, Commands& out);
  void wake_at(SteadyTime time);

  Strategy strategy_;
  Intensity limit_;
  IntensityWindow intensity_;
  std::vector<Child> children_;
  std::optional<SteadyTime> wake_;
  bool ending_ = false, finished_ = false, up_ = false;
  std::string give_up_reason_;
};

} // namespace graphrag::runtime
