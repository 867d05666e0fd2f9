#pragma once
// The best hits of a question in the order that a model gives them: what it is shown, and what
// becomes of its scores. Pure; the call itself is the query actor's.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/query/query.hpp"
#include "actors/query/view.hpp"

namespace graphrag::query {

// The question as it is asked of the index when the best `shown` hits are to be reranked: at least
// so many hits, and no answer yet.
Question before_rerank(Question question, std::size_t shown);

// Title, section and text of the first `shown` hits.
std::vector<std::string> rerank_texts(std::span<const Hit> hits, std::size_t shown);

// Puts the first scores.size() hits, which must be there, in the order of their scores; equal ones
// and the rest stay as they were. Hit::score stays that of fusion.
void rerank(std::vector<Hit>& hits, std::span<const double> scores);

// Ends what before_rerank() began: cuts the hits to the question's limit and makes the answer from
// them. `view` is the one they were found in.
void after_rerank(View& view, const Question& question, QueryResult& result);
void after_rerank(const chunk::ReadView& view, const Question& question, QueryResult& result);

} // namespace graphrag::query
