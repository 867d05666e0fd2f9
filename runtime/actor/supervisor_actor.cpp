#include "runtime/actor/supervisor_actor.hpp"

#include <exception>
#include <random>

#include "observability/log.hpp"
#include "observability/metrics.hpp"
#include "runtime/actor/end_reason.hpp"

namespace {
struct Wake {};
struct ChildUp {
  caf::actor_id id;
};
} // namespace
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Wake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ChildUp)

namespace graphrag::runtime {

namespace {

using Kind = SupervisorCommand::Kind;

// A supervisor needs the time that its own children may take.
std::chrono::milliseconds stop_deadline_of(const ChildSpec& spec) {
  auto deadline = spec.stop_deadline;
  if (spec.supervisor)
    for (const auto& child : spec.supervisor->children)
      deadline += stop_deadline_of(child) + std::chrono::seconds{1};
  return deadline;
}

std::vector<ChildRules> rules_of(const SupervisorSpec& spec) {
  std::vector<ChildRules> rules;
  for (const auto& child : spec.children)
    rules.push_back({child.restart, child.backoff, stop_deadline_of(child)});
  return rules;
}

} // namespace

SupervisorActor::SupervisorActor(caf::actor_config& config, std::shared_ptr<Tree> tree,
                                 std::shared_ptr<TreeNode> node,
                                 std::shared_ptr<const SupervisorSpec> spec,
                                 std::function<void(caf::actor_id)> on_up)
    : MeteredActor(config, {"supervisor", node->path, node->path}), tree_(std::move(tree)),
      node_(std::move(node)), spec_(std::move(spec)), on_up_(std::move(on_up)),
      state_(spec_->strategy, spec_->intensity, rules_of(*spec_), std::random_device{}()) {
  for (std::size_t i = 0; i < spec_->children.size(); ++i) {
    const auto& child = node_->children[i];
    std::uint32_t restarts_before = 0;
    {
      std::lock_guard lock{tree_->mutex};
      restarts_before = child->restarts;
    }
    const observability::Labels labels{{"path", child->path}, {"kind", child->kind}};
    children_.push_back(
        {spec_->children[i], child, restarts_before,
         observability::counter("graphrag_actor_restarts_total", "Restarts of supervised actors.",
                                labels),
         observability::counter("graphrag_actor_pauses_total",
                                "Times that an actor was paused since a dependency was away.",
                                labels),
         observability::gauge("graphrag_actor_paused",
                              "1 while an actor is paused since a dependency is away.", labels)});
  }
}

caf::behavior SupervisorActor::make_behavior() {
  set_down_handler([this](caf::down_msg& message) { on_down(message); });
  set_exit_handler([this](caf::exit_msg& message) {
    if (!message.reason) return;
    stop_reason_ = message.reason;
    run(state_.stop(clock_.now()));
  });
  run(state_.begin(clock_.now()));
  return {[this](const Wake&) {
            armed_.reset();
            run(state_.tick(clock_.now()));
          },
          [this](const ChildUp& up) {
            const auto at = by_id_.find(up.id);
            if (at != by_id_.end()) run(state_.started(at->second, clock_.now()));
          }};
}

// When this actor was killed its children live on for a moment: whoever supervises this one waits
// for them (adopt_orphans). Handles are let go, since children hold some of this actor too.
bool SupervisorActor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  for (auto& child : children_) {
    if (!child.handle) continue;
    caf::anon_send_exit(child.handle, caf::exit_reason::kill);
    child.spec.ref.set(nullptr);
    child.handle = nullptr;
  }
  on_up_ = nullptr;
  return MeteredActor::cleanup(std::move(reason), host);
}

// Commands lead to events that lead to commands: one loop, in the order given.
void SupervisorActor::run(SupervisorState::Commands commands) {
  for (auto& command : commands) queue_.push_back(std::move(command));
  if (running_) return;
  running_ = true;
  while (!queue_.empty()) {
    const auto command = std::move(queue_.front());
    queue_.pop_front();
    carry_out(command);
  }
  running_ = false;
  publish();
  arm();
}

void SupervisorActor::carry_out(const SupervisorCommand& command) {
  if (command.kind == Kind::up) {
    publish();
    if (on_up_) std::exchange(on_up_, nullptr)(id());
    return;
  }
  if (command.kind == Kind::finish) return finish(command.reason);
  auto& child = children_[command.child];
  switch (command.kind) {
  case Kind::start:
    return start(command.child);
  case Kind::stop:
    if (child.handle) send_exit(child.handle, caf::exit_reason::user_shutdown);
    return;
  case Kind::kill:
    return kill(child);
  case Kind::overdue:
    return overdue(child);
  case Kind::probe: {
    bool ready = true;
    try {
      ready = !child.spec.ready || child.spec.ready();
    } catch (const std::exception&) {
      ready = false;
    }
    return run(state_.probed(command.child, ready, clock_.now()));
  }
  case Kind::restarting:
    return restarting(child, command);
  case Kind::pausing:
    return pausing(child, command);
  case Kind::up:
  case Kind::finish:
    return;
  }
}

void SupervisorActor::start(std::size_t index) {
  if (state_.children()[index].state != ChildState::starting)
    return run(state_.ended(index, EndKind::shutdown, "called off", clock_.now()));
  auto& child = children_[index];
  std::string why = "it could not start";
  auto handle = spawn_child(child, why);
  if (!handle) return run(state_.ended(index, EndKind::abnormal, std::move(why), clock_.now()));
  child.handle = handle;
  child.gave_up = false;
  child.paused.Set(0);
  by_id_[handle.id()] = index;
  {
    std::lock_guard lock{tree_->mutex};
    child.node->handle = handle;
    child.node->started_ms = clock_.wall_ms();
  }
  child.spec.ref.set(handle);
  monitor(handle);
  if (!child.spec.supervisor) run(state_.started(index, clock_.now()));
}

caf::actor SupervisorActor::spawn_child(const Child& child, std::string& why) {
  try {
    if (!child.spec.supervisor) return child.spec.start(home_system(), child.node->path);
    return home_system().spawn<SupervisorActor, caf::detached>(
        tree_, child.node, child.spec.supervisor,
        [parent = caf::actor_cast<caf::actor>(this)](caf::actor_id up) {
          caf::anon_send(parent, ChildUp{up});
        });
  } catch (const std::exception& exception) {
    why += std::string{": "} + exception.what();
  }
  return nullptr;
}

void SupervisorActor::kill(Child& child) {
  observability::log_warn(
      "An actor missed its deadline to stop and is killed.",
      {{"graphrag.actor.path", child.node->path}, {"graphrag.actor.kind", child.node->kind}});
  {
    std::lock_guard lock{tree_->mutex};
    tree_->somebody_was_killed = true;
  }
  if (child.handle) send_exit(child.handle, caf::exit_reason::kill);
}

void SupervisorActor::overdue(Child& child) {
  observability::log_error(
      "An actor goes on after it was killed: it hangs in a handler.",
      {{"graphrag.actor.path", child.node->path}, {"graphrag.actor.kind", child.node->kind}});
  if (!state_.ending() || !child.handle) return;
  by_id_.erase(child.handle.id());
  demonitor(child.handle);
  clear_handle(child);
}

void SupervisorActor::restarting(Child& child, const SupervisorCommand& command) {
  child.restarts.Increment();
  const auto count = child.restarts_before + state_.children()[command.child].restarts;
  observability::log_warn(
      "An actor is restarted.",
      {{"graphrag.actor.path", child.node->path},
       {"graphrag.actor.kind", child.node->kind},
       {"event.reason", command.reason},
       {"graphrag.actor.restarts", static_cast<std::int64_t>(count)},
       {"graphrag.actor.delay_ms", static_cast<std::int64_t>(command.delay.count())}});
}

void SupervisorActor::pausing(Child& child, const SupervisorCommand& command) {
  child.pauses.Increment();
  child.paused.Set(1);
  observability::log_warn(
      "An actor is paused until its dependency is back.",
      {{"graphrag.actor.path", child.node->path},
       {"graphrag.actor.kind", child.node->kind},
       {"event.reason", command.reason},
       {"graphrag.actor.delay_ms", static_cast<std::int64_t>(command.delay.count())}});
}

void SupervisorActor::finish(const std::string& give_up_reason) {
  for (auto& child : children_) child.paused.Set(0);
  if (give_up_reason.empty()) return quit(stop_reason_);
  observability::counter("graphrag_supervisor_give_ups_total",
                         "Times that a supervisor had more restarts than it may.",
                         {{"path", node_->path}})
      .Increment();
  observability::log_error("A supervisor gives up.", {{"graphrag.actor.path", node_->path},
                                                      {"event.reason", give_up_reason}});
  quit(gave_up_reason(give_up_reason));
}

void SupervisorActor::on_down(const caf::down_msg& message) {
  const auto at = by_id_.find(message.source.id());
  if (at == by_id_.end()) return;
  const auto index = at->second;
  by_id_.erase(at);
  auto& child = children_[index];
  if (child.orphans.erase(message.source.id()) > 0)
    tree_->forget(*child.node, message.source.id());
  else
    on_child_down(index, message.reason);
  if (adopt_orphans(index)) return;
  run(state_.ended(index, child.end_kind, child.end_reason, clock_.now()));
}

void SupervisorActor::on_child_down(std::size_t index, const caf::error& reason) {
  auto& child = children_[index];
  clear_handle(child);
  child.end_kind = kind_of_end(reason);
  child.end_reason = describe_end(reason);
  child.gave_up = is_gave_up(reason);
}

// True while the child, a supervisor that ended, has left somebody alive.
bool SupervisorActor::adopt_orphans(std::size_t index) {
  auto& child = children_[index];
  if (!child.spec.supervisor) return false;
  for (const auto& orphan : tree_->alive_under(*child.node)) {
    if (!child.orphans.insert(orphan.id()).second) continue;
    by_id_[orphan.id()] = index;
    monitor(orphan);
    send_exit(orphan, caf::exit_reason::kill);
  }
  return !child.orphans.empty();
}

void SupervisorActor::clear_handle(Child& child) {
  child.spec.ref.set(nullptr);
  child.handle = nullptr;
  caf::actor last; // goes after the lock: it may end the last life of the actor
  std::lock_guard lock{tree_->mutex};
  std::swap(last, child.node->handle);
}

void SupervisorActor::publish() {
  const auto now = clock_.now();
  std::lock_guard lock{tree_->mutex};
  for (std::size_t i = 0; i < children_.size(); ++i) {
    const auto& state = state_.children()[i];
    auto& node = *children_[i].node;
    const bool waits = (state.state == ChildState::backoff || state.state == ChildState::paused) &&
                       state.due != SteadyTime::max();
    node.state = state.state == ChildState::stopped && children_[i].gave_up ? ChildState::gave_up
                                                                            : state.state;
    node.restarts = children_[i].restarts_before + state.restarts;
    if (!state.last_reason.empty()) node.last_reason = state.last_reason;
    node.next_start_ms.reset();
    if (waits)
      node.next_start_ms =
          clock_.wall_ms() +
          std::chrono::duration_cast<std::chrono::milliseconds>(state.due - now).count();
  }
}

void SupervisorActor::arm() {
  const auto wake = state_.next_wake();
  if (!wake || (armed_ && *armed_ <= *wake)) return;
  armed_ = wake;
  delayed_send(this, std::max(*wake - clock_.now(), SteadyTime::duration::zero()), Wake{});
}

} // namespace graphrag::runtime
