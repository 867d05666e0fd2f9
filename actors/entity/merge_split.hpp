#pragma once
// What has to be decided so that entities become one, or one becomes two. Pure, over a directory.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/entity/directory.hpp"

namespace graphrag::entity {

// A change of one verdict on two names (normal forms): the same, different, or nothing any more.
struct VerdictChange {
  std::string first, second;
  std::optional<bool> same;
  friend bool operator==(const VerdictChange&, const VerdictChange&) = default;
};

// So that `entity` and the `others` are one: verdicts that keep their names apart go, and the
// others' own names are joined to its. Empty when all of them are one already.
std::vector<VerdictChange> merge_plan(const NameDirectory& names, const Entity& entity,
                                      std::span<const Entity> others);

// So that these names of the entity (keys) leave it together: verdicts that join them with the rest
// go; where evidence joins them, verdicts keep them apart. Empty when `leaving` is none or all of
// its names. merge_plan of the two restores the entity, and split_plan undoes a merge_plan.
std::vector<VerdictChange> split_plan(const NameDirectory& names, const Entity& entity,
                                      std::span<const std::uint64_t> leaving);

} // namespace graphrag::entity
