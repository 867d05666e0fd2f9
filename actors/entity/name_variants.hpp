#pragma once
// Other ways in which texts write a name that is given in full: "Sir William St Loe" is also
// William St Loe, "Fred Luther Foster" Fred Foster, 'Joseph Dudley "Joe" Lawrence' Joe Lawrence.
#include <cstdint>
#include <string>
#include <vector>

#include "actors/entity/words.hpp"

namespace graphrag::entity {

struct NameVariant {
  std::string normal, display;
  float factor = 1; // of the full name's confidence: less the more names it may be
};

// Of the words [first, last] of a name, without the name itself; distinct. Middle names are left
// out only of people.
std::vector<NameVariant> name_variants(std::string_view text, const Words& words,
                                       std::uint32_t first, std::uint32_t last, bool person);

} // namespace graphrag::entity
