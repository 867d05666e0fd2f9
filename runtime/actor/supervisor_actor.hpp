#pragma once
// SupervisorActor: carries out what SupervisorState decides for one inner node of the tree, on a
// thread of its own. Stopped by an exit message; ends with `shutdown`, or, over its intensity, with
// an abnormal reason that its own supervisor sees.
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include "runtime/actor/metered_actor.hpp"
#include "runtime/actor/supervisor.hpp"
#include "runtime/actor/supervisor_state.hpp"
#include "runtime/actor/tree_node.hpp"
#include "runtime/clock.hpp"

namespace graphrag::runtime {

class SupervisorActor : public MeteredActor {
public:
  // `on_up` is called once with this actor's id, when everybody was started or waits.
  SupervisorActor(caf::actor_config& config, std::shared_ptr<Tree> tree,
                  std::shared_ptr<TreeNode> node, std::shared_ptr<const SupervisorSpec> spec,
                  std::function<void(caf::actor_id)> on_up);

  caf::behavior make_behavior() override;
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;

private:
  struct Child {
    const ChildSpec& spec;
    std::shared_ptr<TreeNode> node;
    std::uint32_t restarts_before; // under earlier incarnations of this supervisor
    prometheus::Counter &restarts, &pauses;
    prometheus::Gauge& paused;
    caf::actor handle{};
    // When the child, itself a supervisor, was killed: those it left behind. Its end counts only
    // when they have ended too.
    std::unordered_set<caf::actor_id> orphans{};
    EndKind end_kind{};
    std::string end_reason{};
    bool gave_up = false;
  };

  void run(SupervisorState::Commands commands);
  void carry_out(const SupervisorCommand& command);
  void start(std::size_t child);
  caf::actor spawn_child(const Child& child, std::string& why);
  void kill(Child& child);
  void overdue(Child& child);
  void restarting(Child& child, const SupervisorCommand& command);
  void pausing(Child& child, const SupervisorCommand& command);
  void finish(const std::string& give_up_reason);

  void on_down(const caf::down_msg& message);
  void on_child_down(std::size_t child, const caf::error& reason);
  bool adopt_orphans(std::size_t child);
  void clear_handle(Child& child);

  void publish();
  void arm();

  std::shared_ptr<Tree> tree_;
  std::shared_ptr<TreeNode> node_;
  std::shared_ptr<const SupervisorSpec> spec_;
  std::function<void(caf::actor_id)> on_up_;
  SystemClock clock_;
  SupervisorState state_;
  std::vector<Child> children_;
  std::unordered_map<caf::actor_id, std::size_t> by_id_; // living children, and orphans
  std::deque<SupervisorCommand> queue_;
  bool running_ = false;
  std::optional<SteadyTime> armed_;
  caf::error stop_reason_{caf::exit_reason::user_shutdown};
};

} // namespace graphrag::runtime
