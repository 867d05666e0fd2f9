#pragma once
// Of what kind the things are that a question speaks of without naming them: a person in "the
// director of X", a place in "the city where X was born".
#include <cstdint>

#include "actors/entity/names.hpp"
#include "actors/entity/words.hpp"

namespace graphrag::query {

// A set of kinds; empty when the question tells none.
class AskedKinds {
public:
  void clear() noexcept { set_ = 0; }
  void add(entity::Kind kind) noexcept { set_ |= 1U << static_cast<unsigned>(kind); }
  bool any() const noexcept { return set_ != 0; }
  // Whether a thing of this kind cannot be meant: the question tells kinds, and this one is known
  // and not among them.
  bool excludes(entity::Kind kind) const noexcept {
    const auto known = kind == entity::Kind::person || kind == entity::Kind::organisation ||
                       kind == entity::Kind::place || kind == entity::Kind::work ||
                       kind == entity::Kind::event;
    return any() && known && (set_ & 1U << static_cast<unsigned>(kind)) == 0;
  }
  // Adds what word i tells by being a noun of a kind: "director", "city", "band".
  void add_noun(const entity::Words& words, std::uint32_t i);
  // Adds what "who" and "where" tell. What is asked for itself is seldom a passage that is needed,
  // so the nouns go before: "where was the director of X born" needs the person.
  void add_question_word(const entity::Words& words, std::uint32_t i);

private:
  std::uint32_t set_ = 0;
};

} // namespace graphrag::query
