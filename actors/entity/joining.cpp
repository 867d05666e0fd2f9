// Entities that verdicts join.
#include <algorithm>

#include "actors/entity/resolution.hpp"

namespace graphrag::entity {

void NameGraph::set_verdicts(std::span<const NameVerdict> verdicts) {
  verdicts_.set(verdicts);
  unsettled_ = true;
  settle();
}

// Verdict by verdict in the order of their keys. Two groups with names that were told apart stay
// two, so that the result does not depend on who asks or when.
void NameGraph::settle() {
  unsettled_ = false;
  joined_.clear();
  groups_.clear();
  std::unordered_map<std::uint64_t, std::uint64_t> group_of;             // by root
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> members; // roots of a group
  const auto group = [&](std::uint64_t root) {
    auto [it, fresh] = group_of.try_emplace(root, root);
    if (fresh) members[root] = {root};
    return it->second;
  };
  const auto apart = [&](std::uint64_t a, std::uint64_t b) {
    for (const auto left : members[a]) {
      std::vector<std::uint64_t> names;
      members_by_evidence(left, names);
      for (const auto name : names)
        for (const auto other : verdicts_.different(name)) {
          const auto found = group_of.find(root_by_evidence(other));
          if (found != group_of.end() && found->second == b) return true;
        }
    }
    return false;
  };
  for (const auto& [a, b] : verdicts_.same()) {
    if (!rows_.contains(a) || !rows_.contains(b)) continue;
    const auto x = group(root_by_evidence(a));
    const auto y = group(root_by_evidence(b));
    if (x == y || apart(x, y)) continue;
    for (const auto root : members[y]) group_of[root] = x;
    auto moved = std::move(members[y]);
    members[x].insert(members[x].end(), moved.begin(), moved.end());
    members.erase(y);
  }
  for (auto& [_, roots] : members) {
    if (roots.size() < 2) continue;
    std::sort(roots.begin(), roots.end());
    auto best = roots.front();
    for (const auto root : roots)
      if (better_name(root, best)) best = root;
    for (const auto root : roots) joined_[root] = best;
    groups_[best] = std::move(roots);
  }
}

} // namespace graphrag::entity
