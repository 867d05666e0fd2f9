#pragma once
// An extractive answer: the one to four sentences that together say most of what was asked,
// or nothing.
#include <span>
#include <string_view>

#include "actors/chunk/index.hpp"
#include "actors/query/plan.hpp"
#include "actors/query/query.hpp"

namespace graphrag::query {

// A passage that may be quoted.
struct Source {
  chunk::ChunkRef ref;
  float score = 0;
};

// Each sentence is chosen for the words of the question (or words that express the same relation)
// that those before it have not covered, weighed by idf and by the rank of its passage. Preferred
// are a sentence that holds the kind of thing asked for (a date, a number, a name), one that says
// what the question's topic is, and a passage that a sentence already cited names: the next step of
// the chain. When one of the best passages names another that the question does not name, the
// sentence that links the two comes first, then what the second says. A row of a table comes after
// its header, a sentence that begins with a pronoun after the one that it refers to. Cited text is
// exactly the document's text.
//
// Empty when sentences that belong together say less than a part of what is asked: words that the
// collection does not have are never said, names that it does not have count twice. `sources` are
// best first.
Answer make_answer(View& view, std::string_view question, const Plan& plan,
                   std::span<const Source> sources);

} // namespace graphrag::query
