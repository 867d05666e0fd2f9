#pragma once
// What definitions tell things of one name apart by: what kind of thing, when, of which people.
// Pure; English words only, other texts have no traits.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/entity/names.hpp"

namespace graphrag::entity {

// What a passage says of a name.
struct Definition {
  std::string what; // as written, without an article: "English explorer"
  std::uint16_t born = 0, died = 0;
  // What a document's title adds to the name: "explorer" of "John Smith (explorer)".
  std::string title;
  // Of the passage; never the same twice. Decides what nothing else does.
  std::uint64_t place = 0;
};

// Fields of life and sorts of things, as bits. A word that may be several has all their bits.
enum Field : std::uint32_t {
  field_arts = 1U << 0,
  field_sport = 1U << 1,
  field_power = 1U << 2, // politics, nobility, church, arms
  field_learning = 1U << 3,
  field_screen = 1U << 4,
  field_print = 1U << 5,
  field_music = 1U << 6, // songs and albums; who makes them is of the arts
  field_game = 1U << 7,
  field_settlement = 1U << 8,
  field_water = 1U << 9,
  field_height = 1U << 10,
  field_building = 1U << 11,
  field_company = 1U << 12,
  field_institution = 1U << 13,
  field_event = 1U << 14,
};
inline constexpr std::uint32_t fields_of_people =
    field_arts | field_sport | field_power | field_learning;
inline constexpr std::uint32_t fields_of_works =
    field_screen | field_print | field_music | field_game;

// Of one definition, or of all that speak of one thing.
struct Traits {
  std::uint32_t fields = 0; // 0: unknown
  std::uint16_t born = 0, died = 0;
  std::uint16_t year = 0;           // of a work
  std::vector<std::string> peoples; // "american"; sorted, as the rest
  std::vector<std::string> words;   // that say what it is, without peoples
  std::vector<std::string> heads;   // the nouns of these: "explorer"; in their order
  std::vector<std::string> titles;  // what titles add

  bool empty() const noexcept {
    return fields == 0 && born == 0 && died == 0 && words.empty() && peoples.empty() &&
           titles.empty();
  }
  bool person() const noexcept {
    return (fields & fields_of_people) != 0 || born != 0 || died != 0;
  }
  void add(const Traits& other); // they are of one thing
};

Traits traits_of(const Definition& definition);

// Whether no one thing is both. Different years of birth or death (two years of difference are
// mistakes, and whoever agrees on one end of a life may be mistaken about the other), titles that
// say different things, sorts of things that exclude each other, works of different years; people
// of different nations who have nothing in common.
bool contradict(const Traits& a, const Traits& b);

// How much two that do not contradict each other have in common.
int affinity(const Traits& a, const Traits& b);

// The kind of thing that the fields tell; unknown when there are none or several.
Kind kind_of_fields(std::uint32_t fields) noexcept;

} // namespace graphrag::entity
