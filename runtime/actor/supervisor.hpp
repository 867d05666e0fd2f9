#pragma once
// Supervisors: one actor per inner node of the tree, OTP semantics (docs/supervision.md).
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <caf/all.hpp>
#include <nlohmann/json_fwd.hpp>

#include "runtime/actor/actor_ref.hpp"
#include "runtime/actor/restart_policy.hpp"

namespace graphrag::runtime {

struct SupervisorSpec;

struct ChildSpec {
  std::string name; // unique among its siblings; the path is parent path + "/" + name
  std::string kind; // for logs and metrics
  Restart restart = Restart::permanent;
  std::chrono::milliseconds stop_deadline{5'000}; // then it is killed
  Backoff backoff{};
  // Spawns a new incarnation. Called by the supervisor's own thread; returns a null handle when it
  // cannot start now (counts as a failure).
  std::function<caf::actor(caf::actor_system&, const std::string& path)> start;
  // A dependency probe: while a paused child's probe says no, it stays paused. Empty = always
  // ready. Must not block.
  std::function<bool()> ready;
  ActorRef ref;                               // points at the newest incarnation
  std::shared_ptr<SupervisorSpec> supervisor; // an inner node instead of `start`
};

struct SupervisorSpec {
  Strategy strategy = Strategy::one_for_one;
  Intensity intensity{};
  std::vector<ChildSpec> children; // started in order, stopped in reverse
};

// A whole tree. Thread-safe from outside; all work is done by the supervisor actors.
class SupervisionTree {
public:
  // Starts everything in order and returns when every child was started once, or waits for a delay
  // or a dependency. `on_give_up` is called (once, any thread) when the root gives up: the process
  // should then stop with an error.
  SupervisionTree(caf::actor_system& system, std::string root_name, SupervisorSpec root,
                  std::function<void(const std::string& reason)> on_give_up);
  ~SupervisionTree();
  SupervisionTree(const SupervisionTree&) = delete;
  SupervisionTree& operator=(const SupervisionTree&) = delete;

  // Stops in reverse order with each child's deadline; returns whether nobody had to be killed.
  // Blocks the caller at most `total`.
  bool stop(std::chrono::milliseconds total);

  // {name, kind, path, restarts, last_reason, started_ms, next_start_ms?, children: [...],
  //  state: starting|running|stopping|backoff|paused|stopped|gave_up}; times are Unix time. Inner
  // nodes also have strategy and intensity: {restarts, period_ms}.
  nlohmann::json json() const;

  // Ends the child at `path` with an abnormal reason, as a crash would (admin and chaos tests).
  // False when nobody runs there.
  bool kill(const std::string& path);

private:
  struct State;
  std::shared_ptr<State> state_;
};

// Children that come and go by the thousand (document and query actors): their owner, itself a
// supervised actor, monitors them. Used inside one MeteredActor only, which must pass its down
// messages to on_down().
class TemporaryChildren {
public:
  TemporaryChildren(caf::event_based_actor* owner, std::string kind, std::string path);
  void watch(const caf::actor& child);
  // True when it was one of ours. An abnormal end is logged and counted.
  bool on_down(const caf::down_msg& message);
  std::size_t alive() const noexcept { return alive_.size(); }
  // Ends one of them abnormally (chaos tests); false when there is none.
  bool kill_one();

private:
  caf::event_based_actor* owner_;
  std::string kind_, path_;
  std::unordered_map<caf::actor_id, caf::actor> alive_;
};

} // namespace graphrag::runtime
