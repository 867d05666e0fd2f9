#pragma once
// Evidence of vectors, added to a ranking by words and links.
#include <span>

#include "actors/chunk/index.hpp"
#include "actors/query/candidates.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {

// Gives every candidate, and the nearest passages, a bonus (Candidate::vector) for how near its
// vector of the question's encoder is to the question's: nothing at the last of `nearest` or beyond
// it, vector_bonus of `scale` at the first, growing with the root of the nearness in between. What
// a link led to answers the question together with where it came from, and has a share of that
// one's bonus if its own is less. Passages without a vector yet get none. `scale` is the best
// keyword score, as far as the names of the question leave something open (Plan::unnamed_share).
void add_encoder_evidence(View& view, std::span<const chunk::ScoredChunk> nearest, float scale,
                          const Weights& setting, Candidates& candidates);

// The same for vectors that clients brought, of which nothing is known: it never rules the ranking.
// Gives the nearest passages a bonus (Candidate::vector). How much is decided by this question: the
// vectors are trusted as far as they agree with the best passages by keyword, so that vectors that
// know nothing of the matter change nothing. Without any keyword match they alone decide.
// `keyword` is best first; `scale` is its best score.
void add_client_evidence(std::span<const chunk::ScoredChunk> nearest,
                         std::span<const chunk::ScoredChunk> keyword, float scale,
                         const Weights& setting, Candidates& candidates);

} // namespace graphrag::query
