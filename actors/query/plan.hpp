#pragma once
// What a question asks for, in the terms of one collection: its words as the index knows them, and
// the names in it that have a home there.
#include <cstdint>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"

namespace graphrag::query {

// A name of the question, by longest match over runs of its words in any case.
struct QuestionName {
  chunk::TermId name = chunk::no_term;
  std::uint64_t key = 0;
  std::uint32_t first = 0, last = 0; // words of the question
  bool has_home = false;
  bool written_as_name = false; // with a capital that no sentence start explains
  float weight = 1;             // less for a single common word
};

struct Plan {
  std::vector<chunk::QueryTerm> terms; // known and distinct, in order of first appearance
  std::vector<float> idf;              // of each term
  std::vector<QuestionName> names;
};

// Fills `plan`, reusing its memory. At most max_terms terms and max_names names.
void make_plan(const chunk::ReadView& view, std::string_view question, Plan& plan);

inline constexpr std::size_t max_terms = 64;
inline constexpr std::size_t max_names = 16;

} // namespace graphrag::query
