#include "actors/query/asked_kinds.hpp"

#include <algorithm>
#include <string>

#include "actors/entity/lexicon.hpp"

namespace graphrag::query {
namespace {

using entity::Kind;

constexpr std::string_view people[] = {
    "mother",        "father",      "parent",      "child",     "brother",     "sister",
    "sibling",       "husband",     "spouse",      "widow",     "grandson",    "grandchild",
    "granddaughter", "grandfather", "grandmother", "uncle",     "aunt",        "nephew",
    "niece",         "cousin",      "heir",        "successor", "predecessor", "designer",
    "discoverer",    "person",      "man",         "children",  "people"};
// Whose part a person takes as often as a group or a company.
constexpr std::string_view agents[] = {"performer", "producer",  "publisher", "owner",   "founder",
                                       "creator",   "developer", "artist",    "employer"};
constexpr std::string_view places[] = {"birthplace", "hometown", "state",     "nation",
                                       "continent",  "location", "territory", "colony"};
constexpr std::string_view groups[] = {"label", "studio", "employer", "distributor", "team"};

template <std::size_t n>
bool holds(const std::string_view (&list)[n], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

// The kinds of one noun in the singular.
bool add_kinds(std::string_view word, AskedKinds& kinds) {
  const auto classes = entity::word_classes(word);
  bool any = false;
  const auto add = [&](Kind kind) {
    kinds.add(kind);
    any = true;
  };
  if ((classes & (entity::class_is_person | entity::class_role)) != 0 || holds(people, word))
    add(Kind::person);
  if (holds(agents, word)) {
    add(Kind::person);
    add(Kind::organisation);
  }
  if ((classes & entity::class_is_organisation) != 0 || holds(groups, word))
    add(Kind::organisation);
  if ((classes & entity::class_is_place) != 0 || holds(places, word)) add(Kind::place);
  if ((classes & entity::class_is_work) != 0) add(Kind::work);
  if ((classes & entity::class_is_event) != 0) add(Kind::event);
  return any;
}

} // namespace

void AskedKinds::add_noun(const entity::Words& words, std::uint32_t i) {
  const auto word = words.folded(i);
  if (add_kinds(word, *this) || word.size() < 4 || !word.ends_with('s')) return;
  if (word.ends_with("ies"))
    add_kinds(std::string{word.substr(0, word.size() - 3)} + "y", *this);
  else
    add_kinds(word.substr(0, word.size() - 1), *this);
}

void AskedKinds::add_question_word(const entity::Words& words, std::uint32_t i) {
  const auto word = words.folded(i);
  if (word == "who" || word == "whom" || word == "whose") add(Kind::person);
  if (word == "where") add(Kind::place);
}

} // namespace graphrag::query
