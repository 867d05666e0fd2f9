#pragma once
// The supervision tree as others see it: one node per child, made once and kept over restarts.
// Supervisors write, anybody reads; one mutex for the whole tree, held for moments.
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <nlohmann/json_fwd.hpp>

#include "runtime/actor/supervisor_state.hpp"

namespace graphrag::runtime {

struct SupervisorSpec;

struct TreeNode {
  // Fixed when the tree is made.
  std::string name, kind, path;
  bool inner = false;
  Strategy strategy{};
  Intensity intensity{};
  std::vector<std::shared_ptr<TreeNode>> children;

  // Guarded by Tree::mutex.
  ChildState state = ChildState::pending;
  std::uint32_t restarts = 0;
  std::string last_reason;
  std::int64_t started_ms = 0;               // Unix time of the newest start; 0: never
  std::optional<std::int64_t> next_start_ms; // Unix time of the next start or probe
  caf::actor handle;                         // of the living incarnation
};

// Shared by the supervisors of one tree and its owner.
struct Tree {
  mutable std::mutex mutex;
  std::shared_ptr<TreeNode> root;
  bool somebody_was_killed = false; // guarded: a child missed its deadline

  nlohmann::json json() const;
  // The living incarnation at `path`; null when nobody runs there.
  caf::actor find(const std::string& path) const;
  // Everybody alive under `node`, oldest first, without the node itself.
  std::vector<caf::actor> alive_under(const TreeNode& node) const;
  // The actor of this id, somewhere under `node`, has ended unseen by its supervisor.
  void forget(TreeNode& node, caf::actor_id id);
  // Kills everybody alive, the root included.
  void kill_all();
  // Lets every handle go. The supervisors hold the tree, so a handle kept for ever is a leak.
  void forget_all();
};

std::shared_ptr<TreeNode> make_tree_node(const std::string& name, const std::string& kind,
                                         const std::string& path, const SupervisorSpec& spec);

} // namespace graphrag::runtime
