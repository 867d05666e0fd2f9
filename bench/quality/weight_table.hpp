#pragma once
// The constants of query::Weights by name.
#include <stdexcept>
#include <string>

#include "actors/query/weights.hpp"

namespace quality {

struct NamedWeight {
  const char* name;
  float graphrag::query::Weights::*value;
  bool at_most_one = false; // a part of something
  bool of_vectors = false;  // without an encoder it changes nothing
};

inline constexpr NamedWeight weight_table[] = {
    {"name_bonus", &graphrag::query::Weights::name_bonus},
    {"equal_voice", &graphrag::query::Weights::equal_voice, true},
    {"mention_link", &graphrag::query::Weights::mention_link, true},
    {"mention_share", &graphrag::query::Weights::mention_share, true},
    {"unrelated", &graphrag::query::Weights::unrelated, true},
    {"other_kind", &graphrag::query::Weights::other_kind, true},
    {"link_rarity", &graphrag::query::Weights::link_rarity},
    {"unnamed_anchor", &graphrag::query::Weights::unnamed_anchor, true},
    {"vector_bonus", &graphrag::query::Weights::vector_bonus, false, true},
    {"vector_share", &graphrag::query::Weights::vector_share, true, true},
};

// "name=value" into `weights`. Throws std::runtime_error for a name that is not in the table.
inline void set_weight(const std::string& written, graphrag::query::Weights& weights) {
  const auto equals = written.find('=');
  for (const auto& each : weight_table)
    if (equals != std::string::npos && written.substr(0, equals) == each.name) {
      weights.*each.value = std::stof(written.substr(equals + 1));
      return;
    }
  throw std::runtime_error("no such weight: " + written);
}

} // namespace quality
