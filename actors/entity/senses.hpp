#pragma once
// The senses of one name: which of its definitions speak of the same thing. Pure, and the same
// whatever the order of the definitions.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/entity/traits.hpp"

namespace graphrag::entity {

struct Sense {
  // What tells it from the others, as an encyclopaedia would write it in brackets: "explorer",
  // "film, 1997", "footballer, born 1951". Different for all senses of a name.
  std::string qualifier;
  std::string what; // the fullest of its definitions, as written
  std::uint16_t born = 0, died = 0;
  Kind kind = Kind::unknown;
  friend bool operator==(const Sense&, const Sense&) = default;
};

struct Senses {
  static constexpr std::uint32_t none = 0xffffffff;
  std::vector<Sense> all;        // two at least, or empty: the name means one thing
  std::vector<std::uint32_t> of; // by definition: which sense, or none when it fits several
  friend bool operator==(const Senses&, const Senses&) = default;
};

// Definitions that contradict each other are of different senses; one that fits several is of the
// one with which it has most in common. Most repeated names are one thing: no contradiction, no
// senses.
Senses senses_of(std::span<const Definition> definitions);

// "john smith (explorer)": no text's name holds a bracket, so a sense is never taken for a name.
std::string sense_normal(std::string_view normal, const Sense& sense);
// "john smith" of the above; a name itself otherwise.
std::string_view written_name(std::string_view normal) noexcept;

} // namespace graphrag::entity
