#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {

Kind kind_of_name(const Words& words, std::uint32_t first, std::uint32_t last) {
  // The head of an English name is its last word, or the one before "of".
  auto head = last;
  for (auto i = first + 1; i <= last; ++i)
    if (words[i].is(class_joiner)) {
      head = i - 1;
      break;
    }
  while (head > first && (words[head].has(word_digit) || words[head].is(class_roman))) --head;
  const auto& word = words[head];
  if (first == last) return Kind::unknown;
  if (words[last].is(class_organisation))
    return Kind::organisation; // "District of Columbia Council"
  if (word.is(class_event)) return Kind::event;
  if (word.is(class_organisation)) return Kind::organisation;
  if (word.is(class_place)) return Kind::place;
  const auto opening = words.folded(first);
  if (words[first].is(class_honorific) && words[first + 1].has(word_capital) && opening != "st" &&
      opening != "saint")
    return Kind::person;
  if (words[last].is(class_roman)) return Kind::person;
  for (auto i = first; i < last; ++i)
    if (words[i].has(word_initial) && !words[i].is(class_country)) return Kind::person;
  return Kind::unknown;
}

Kind kind_of_definition(const Words& words, std::uint32_t from, std::uint32_t end) {
  // The noun that says what it is comes last before a preposition, a comma or a relative clause.
  Kind kind = Kind::unknown;
  const auto stop = std::min(end, from + 12);
  for (auto i = from; i < stop; ++i) {
    const auto& word = words[i];
    // "a University of Leeds professor": words of a name within the definition say nothing.
    const bool in_name = word.has(word_capital) && i > from;
    const bool joins_names = word.is(class_joiner) && i > from && i + 1 < end &&
                             words[i - 1].has(word_capital) && words[i + 1].has(word_capital);
    if (in_name || (joins_names && kind == Kind::unknown)) continue;
    if (kind != Kind::unknown && (word.gap & ~(gap_space | gap_hyphen)) != 0) break;
    if (word.is(class_is_work))
      kind = Kind::work;
    else if (word.is(class_is_event))
      kind = Kind::event;
    else if (word.is(class_is_organisation))
      kind = Kind::organisation;
    else if (word.is(class_is_place))
      kind = Kind::place;
    if (word.is(class_is_person | class_role)) kind = Kind::person;
    if (kind != Kind::unknown && (word.is(class_linker) || word.is(class_joiner))) break;
    if (word.is(class_joiner) && i > from) break;
  }
  return kind;
}

bool plain_name(const Words& words, std::uint32_t first, std::uint32_t last) {
  constexpr auto telling = class_organisation | class_place | class_event | class_demonym |
                           class_function | class_month | class_office | class_people;
  while (first < last && words[first].is(class_office)) ++first;
  for (auto i = first; i <= last; ++i) {
    const auto& word = words[i];
    if (!word.has(word_capital) || word.is(telling)) return false;
    if (word.has(word_upper) && !word.has(word_initial) && !word.is(class_roman)) return false;
  }
  return true;
}

} // namespace graphrag::entity
