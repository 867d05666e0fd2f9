#include "actors/entity/merge_split.hpp"

#include <algorithm>
#include <map>

namespace graphrag::entity {
namespace {

bool among(std::span<const std::uint64_t> keys, std::uint64_t key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Changes by pair, so that none is made twice.
class Changes {
public:
  explicit Changes(const NameDirectory& names) : names_(names) {}
  void set(std::uint64_t a, std::uint64_t b, std::optional<bool> same) {
    auto first = names_.normal(a);
    auto second = names_.normal(b);
    if (first.empty() || second.empty() || first == second) return;
    if (second < first) std::swap(first, second);
    changes_[{std::move(first), std::move(second)}] = same;
  }
  std::vector<VerdictChange> take() const {
    std::vector<VerdictChange> out;
    for (const auto& [pair, same] : changes_) out.push_back({pair.first, pair.second, same});
    return out;
  }

private:
  const NameDirectory& names_;
  std::map<std::pair<std::string, std::string>, std::optional<bool>> changes_;
};

} // namespace

std::vector<VerdictChange> merge_plan(const NameDirectory& names, const Entity& entity,
                                      std::span<const Entity> others) {
  Changes changes{names};
  auto one = entity.keys; // grows with each that joins
  for (const auto& other : others) {
    if (among(one, other.keys.front())) continue;
    for (const auto& [pair, same] : names.verdicts())
      if (!same && ((among(one, pair.first) && among(other.keys, pair.second)) ||
                    (among(one, pair.second) && among(other.keys, pair.first))))
        changes.set(pair.first, pair.second, std::nullopt);
    changes.set(entity.keys.front(), other.keys.front(), true);
    one.insert(one.end(), other.keys.begin(), other.keys.end());
  }
  return changes.take();
}

std::vector<VerdictChange> split_plan(const NameDirectory& names, const Entity& entity,
                                      std::span<const std::uint64_t> leaving) {
  std::vector<std::uint64_t> group, rest;
  for (const auto key : entity.keys) (among(leaving, key) ? group : rest).push_back(key);
  Changes changes{names};
  if (group.empty() || rest.empty()) return {};
  for (const auto& [pair, same] : names.verdicts())
    if (same && ((among(group, pair.first) && among(rest, pair.second)) ||
                 (among(group, pair.second) && among(rest, pair.first))))
      changes.set(pair.first, pair.second, std::nullopt);
  for (const auto name : group) {
    bool held = false;
    for (const auto other : rest) {
      if (!names.evidence_joins(name, other)) continue;
      changes.set(name, other, false);
      held = true;
    }
    // Evidence still to come may lead to the rest by another way, but ends at its own name.
    if (held) changes.set(name, rest.front(), false);
  }
  return changes.take();
}

} // namespace graphrag::entity
