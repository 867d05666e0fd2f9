#pragma once
// What a question asks for, in the terms of one collection: its words as the index knows them, and
// the names in it that have a home there.
#include <cstdint>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/query/asked_kinds.hpp"
#include "actors/query/relation_cues.hpp"
#include "actors/query/view.hpp"

namespace graphrag::query {

// A name of the question, by longest match over runs of its words in any case. A run goes on over a
// comma only if the name has one; words in lower case that say what is asked of another name ("the
// place of birth of ...") are none.
struct QuestionName {
  chunk::TermId name = chunk::no_term;
  std::uint64_t key = 0;
  std::uint32_t first = 0, last = 0; // words of the question
  bool has_home = false;
  bool written_as_name = false; // with a capital that no sentence start explains
  float weight = 1;             // less for a single common word
  float idf = 0;                // of its words, if it has a home
};

struct Plan {
  std::vector<chunk::QueryTerm> terms; // known and distinct, in order of first appearance
  std::vector<float> idf;              // of each term
  std::vector<QuestionName> names;
  RelationCues cues; // of the relations that it asks for
  AskedKinds kinds;  // of the things that it does not name

  // 0..1: how much of the question's words, by idf, its names leave over.
  float unnamed_share() const;
};

// Fills `plan`, reusing its memory. At most max_terms terms and max_names names.
void make_plan(View& view, std::string_view question, Plan& plan);

// Whether a comma or colon stands between words first and last.
bool comma_within(const entity::Words& words, std::uint32_t first, std::uint32_t last);

struct NameAhead {
  std::uint64_t key = 0;
  bool comma = false; // within the run, at least in one place
};
// All terms, and keys of all runs of words that may be names, that make_plan() and make_answer()
// may ask a view for: a little more than they will. Appends each once.
void read_ahead(std::string_view question, std::vector<std::string>& terms,
                std::vector<NameAhead>& names);

inline constexpr std::size_t max_terms = 64;
inline constexpr std::size_t max_names = 16;

} // namespace graphrag::query
