#pragma once
// An extractive answer: the one to three sentences that together say most of what was asked.
#include <functional>
#include <span>
#include <string_view>

#include "actors/chunk/index.hpp"
#include "actors/query/plan.hpp"
#include "actors/query/query.hpp"

namespace graphrag::query {

// A passage that may be quoted, best first.
struct Source {
  chunk::ChunkRef ref;
  float score = 0;
  bool linked = false; // reached over a link from another source
};

// Each sentence is chosen for the words of the question that those before it have not covered,
// weighed by idf and by the rank of its passage; a sentence that holds what kind of thing was asked
// for (a date, a number, a name) is preferred. Cited text is exactly the document's text.
Answer make_answer(const chunk::ReadView& view, std::string_view question, const Plan& plan,
                   std::span<const Source> sources);

} // namespace graphrag::query
