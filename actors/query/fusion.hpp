#pragma once
// Evidence of vectors, added to a ranking by words and links without ever ruling it.
#include <span>

#include "actors/chunk/index.hpp"
#include "actors/query/candidates.hpp"

namespace graphrag::query {

// Gives the nearest passages a bonus (Candidate::vector). How much is decided by this question: the
// vectors are trusted as far as they agree with the best passages by keyword, so that vectors that
// know nothing of the matter change nothing. Without any keyword match they alone decide.
// `keyword` is best first; `scale` is its best score.
void add_vector_evidence(std::span<const chunk::ScoredChunk> nearest,
                         std::span<const chunk::ScoredChunk> keyword, float scale,
                         Candidates& candidates);

} // namespace graphrag::query
