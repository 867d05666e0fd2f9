#pragma once
// What we know of single English words, as a set of classes per folded word. Closed classes are
// whole (articles, connectors, pronouns); open ones hold the common words only.
#include <cstdint>
#include <string_view>

namespace graphrag::entity {

enum WordClass : std::uint32_t {
  class_article = 1U << 0,
  class_joiner = 1U << 1,   // within a name: "of", "de", "van"
  class_linker = 1U << 2,   // within longer titles: "and", "in", "the"
  class_function = 1U << 3, // says nothing of a name when capital only because it starts a sentence
  class_month = 1U << 4,
  class_weekday = 1U << 5,
  class_be = 1U << 6, // is, was ...
  class_verb = 1U << 7,
  class_relational = 1U << 8,    // mother, director, capital ...
  class_pronoun = 1U << 9,       // can stand for the topic: he, she, it, his ...
  class_honorific = 1U << 10,    // Queen, Dr, Sir
  class_organisation = 1U << 11, // within a name: University, Inc
  class_place = 1U << 12,        // within a name: Island, County
  class_event = 1U << 13,        // within a name: War, Olympics
  class_abbreviation = 1U << 14, // written with a full stop inside a name: St. Dr. Mt.
  class_is_person = 1U << 15,    // "X is a ...": actor
  class_is_organisation = 1U << 16,
  class_is_place = 1U << 17,
  class_is_work = 1U << 18,
  class_is_event = 1U << 19,
  class_demonym = 1U << 20, // American, French: seldom a name alone
  class_roman = 1U << 21,   // II, XIV
  class_generic = 1U << 22, // headings of any text: Introduction, Methods, Results
  class_office = 1U << 23,  // before a name or "of", and no part of either: Senator, Secretary
  class_organ_adjective = 1U << 24, // offices that are adjectives too: General Motors
  class_common = 1U << 25,          // with a capital, yet no name alone: President, CD
  class_role = 1U << 27,    // what a person is to a place or an organisation: spokesman, native
  class_killing = 1U << 28, // killed, murder, assassin
  class_place_opening = 1U << 29, // New, San, Fort
  class_says = 1U << 30,          // what persons do: said, born, who
  class_country = 1U << 31,       // written with full stops, yet no initials of a person: U.S.
  class_people = 1U << 26,        // whose "'s" belongs to a name: People's, Women's
};

// The classes of a folded word; 0 for a word that is not listed.
std::uint32_t word_classes(std::string_view folded) noexcept;

} // namespace graphrag::entity
