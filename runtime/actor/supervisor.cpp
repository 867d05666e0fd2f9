#include "runtime/actor/supervisor.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <nlohmann/json.hpp>

#include "observability/log.hpp"
#include "runtime/actor/end_reason.hpp"
#include "runtime/actor/supervisor_actor.hpp"

namespace graphrag::runtime {

struct SupervisionTree::State {
  std::shared_ptr<Tree> tree = std::make_shared<Tree>();
  std::function<void(const std::string&)> on_give_up;
  std::mutex mutex;
  std::condition_variable changed;
  bool up = false, stopping = false, ended = false; // guarded by mutex

  void root_is_up() {
    {
      std::lock_guard lock{tree->mutex};
      tree->root->state = ChildState::running;
    }
    std::lock_guard lock{mutex};
    up = true;
    changed.notify_all();
  }

  // On the root's thread, while it cleans up.
  void root_ended(const caf::error& reason) {
    const bool as_asked = kind_of_end(reason) == EndKind::shutdown;
    if (!as_asked) tree->kill_all();
    tree->forget_all();
    bool gave_up = false;
    {
      std::lock_guard lock{mutex};
      gave_up = !as_asked && !stopping;
    }
    {
      std::lock_guard lock{tree->mutex};
      auto& root = *tree->root;
      root.state = gave_up ? ChildState::gave_up : ChildState::stopped;
      root.last_reason = describe_end(reason);
    }
    {
      std::lock_guard lock{mutex};
      ended = true;
      changed.notify_all();
    }
    if (gave_up && on_give_up) on_give_up(describe_end(reason));
  }
};

SupervisionTree::SupervisionTree(caf::actor_system& system, std::string root_name,
                                 SupervisorSpec root,
                                 std::function<void(const std::string& reason)> on_give_up)
    : state_(std::make_shared<State>()) {
  const auto path = "/" + root_name;
  auto& tree = *state_->tree;
  tree.root = make_tree_node(root_name, "supervisor", path, root);
  state_->on_give_up = std::move(on_give_up);
  auto actor = system.spawn<SupervisorActor, caf::detached>(
      state_->tree, tree.root, std::make_shared<const SupervisorSpec>(std::move(root)),
      [state = state_](caf::actor_id) { state->root_is_up(); });
  {
    std::lock_guard lock{tree.mutex};
    tree.root->handle = actor;
    tree.root->started_ms = SystemClock{}.wall_ms();
  }
  actor->attach_functor([state = state_](const caf::error& reason) { state->root_ended(reason); });
  std::unique_lock lock{state_->mutex};
  state_->changed.wait(lock, [this] { return state_->up || state_->ended; });
}

SupervisionTree::~SupervisionTree() { stop(std::chrono::seconds{10}); }

bool SupervisionTree::stop(std::chrono::milliseconds total) {
  // The last part of the time is for ending those by force who did not end when asked.
  const auto reserve = std::min(total / 4, std::chrono::milliseconds{500});
  const auto deadline = std::chrono::steady_clock::now() + total;
  auto& tree = *state_->tree;
  std::unique_lock lock{state_->mutex};
  state_->stopping = true;
  if (auto root = tree.find(tree.root->path))
    caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  const auto ended = [this] { return state_->ended; };
  const bool in_time = state_->changed.wait_until(lock, deadline - reserve, ended);
  if (!in_time) {
    lock.unlock();
    observability::log_warn("The actors did not stop in time and are killed.");
    tree.kill_all();
    lock.lock();
    state_->changed.wait_until(lock, deadline, ended);
  }
  lock.unlock();
  std::lock_guard tree_lock{tree.mutex};
  return in_time && !tree.somebody_was_killed;
}

nlohmann::json SupervisionTree::json() const { return state_->tree->json(); }

bool SupervisionTree::kill(const std::string& path) {
  auto actor = state_->tree->find(path);
  if (!actor) return false;
  observability::log_warn("An actor is killed by request.", {{"graphrag.actor.path", path}});
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  return true;
}

} // namespace graphrag::runtime
