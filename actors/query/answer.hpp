#pragma once
// An extractive answer: the one to four sentences that together say most of what was asked.
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
// are a sentence that holds the kind of thing asked for (a date, a number, a name), and a passage
// that a sentence already cited names: the next step of the chain. When one of the best passages
// names another that the question does not name, the sentence that links the two comes first, then
// what the second says. Cited text is exactly the document's text. `sources` are best first.
Answer make_answer(View& view, std::string_view question, const Plan& plan,
                   std::span<const Source> sources);

} // namespace graphrag::query
