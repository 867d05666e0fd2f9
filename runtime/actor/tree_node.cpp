#include "runtime/actor/tree_node.hpp"

#include <utility>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "runtime/actor/supervisor.hpp"

namespace graphrag::runtime {

namespace {

std::string_view to_string(Strategy strategy) {
  switch (strategy) {
  case Strategy::one_for_one:
    return "one_for_one";
  case Strategy::one_for_all:
    return "one_for_all";
  case Strategy::rest_for_one:
    break;
  }
  return "rest_for_one";
}

nlohmann::json to_json(const TreeNode& node) {
  nlohmann::json result{{"name", node.name},
                        {"kind", node.kind},
                        {"path", node.path},
                        {"state", to_string(node.state)},
                        {"restarts", node.restarts},
                        {"last_reason", node.last_reason},
                        {"started_ms", node.started_ms},
                        {"children", nlohmann::json::array()}};
  if (node.next_start_ms) result["next_start_ms"] = *node.next_start_ms;
  if (node.inner) {
    result["strategy"] = to_string(node.strategy);
    result["intensity"] = {{"restarts", node.intensity.restarts},
                           {"period_ms", node.intensity.period.count()}};
  }
  for (const auto& child : node.children) result["children"].push_back(to_json(*child));
  return result;
}

const TreeNode* find_node(const TreeNode& node, const std::string& path) {
  if (node.path == path) return &node;
  for (const auto& child : node.children)
    if (const auto* found = find_node(*child, path)) return found;
  return nullptr;
}

void collect_alive(const TreeNode& node, std::vector<caf::actor>& result) {
  for (const auto& child : node.children) {
    if (child->handle) result.push_back(child->handle);
    collect_alive(*child, result);
  }
}

// Takes the handles with this id, or all. The caller lets them go without the lock: it may end the
// last life of an actor, and with it run any code.
void take_under(TreeNode& node, std::optional<caf::actor_id> id, std::vector<caf::actor>& taken) {
  for (const auto& child : node.children) {
    if (child->handle && (!id || child->handle.id() == *id)) {
      taken.push_back(std::exchange(child->handle, nullptr));
      child->state = ChildState::stopped;
    }
    take_under(*child, id, taken);
  }
}

} // namespace

nlohmann::json Tree::json() const {
  std::lock_guard lock{mutex};
  return to_json(*root);
}

caf::actor Tree::find(const std::string& path) const {
  std::lock_guard lock{mutex};
  const auto* node = find_node(*root, path);
  return node ? node->handle : caf::actor{};
}

std::vector<caf::actor> Tree::alive_under(const TreeNode& node) const {
  std::lock_guard lock{mutex};
  std::vector<caf::actor> result;
  collect_alive(node, result);
  return result;
}

void Tree::kill_all() {
  std::vector<caf::actor> alive;
  {
    std::lock_guard lock{mutex};
    if (root->handle) alive.push_back(root->handle);
    collect_alive(*root, alive);
  }
  // Supervisors come before what they supervise, so that they start nobody again.
  for (const auto& actor : alive) caf::anon_send_exit(actor, caf::exit_reason::kill);
}

void Tree::forget(TreeNode& node, caf::actor_id id) {
  std::vector<caf::actor> taken;
  std::lock_guard lock{mutex};
  take_under(node, id, taken);
}

void Tree::forget_all() {
  std::vector<caf::actor> taken;
  std::lock_guard lock{mutex};
  taken.push_back(std::exchange(root->handle, nullptr));
  take_under(*root, std::nullopt, taken);
}

std::shared_ptr<TreeNode> make_tree_node(const std::string& name, const std::string& kind,
                                         const std::string& path, const SupervisorSpec& spec) {
  auto node = std::make_shared<TreeNode>();
  node->name = name;
  node->kind = kind;
  node->path = path;
  node->inner = true;
  node->strategy = spec.strategy;
  node->intensity = spec.intensity;
  for (const auto& child : spec.children) {
    const auto child_path = path + "/" + child.name;
    if (child.supervisor) {
      node->children.push_back(
          make_tree_node(child.name, child.kind, child_path, *child.supervisor));
      continue;
    }
    auto leaf = std::make_shared<TreeNode>();
    leaf->name = child.name;
    leaf->kind = child.kind;
    leaf->path = child_path;
    node->children.push_back(std::move(leaf));
  }
  return node;
}

} // namespace graphrag::runtime
