#pragma once
// Which communities answer a global question. Pure.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace graphrag::entity {

// A term, by any numbering that the question and the summaries share, and how often it occurs, or
// how much it counts.
struct WeightedTerm {
  std::uint32_t term = 0;
  float weight = 1;
};

struct RankedSummary {
  std::uint64_t community = 0;
  std::uint32_t level = 0;
  std::size_t members = 0;             // entities
  std::span<const WeightedTerm> terms; // of title and sentences: ascending, distinct
  double length = 0;                   // sum of their weights
};

struct RankedCommunity {
  std::uint64_t community = 0;
  double score = 0;
};

// The best `limit` communities, best first. A question whose terms occur in no summary (or that has
// none: "what is this about") gets the largest communities of the top level that is given.
// Otherwise BM25 (k1 1.2, b 0.75, summaries as documents) times log2(1 + members); of a community
// and its ancestors or descendants all can be chosen, the caller drops what it finds repeated. The
// caller leaves out words without content.
std::vector<RankedCommunity> global_ranking(std::span<const WeightedTerm> question,
                                            std::span<const RankedSummary> summaries,
                                            std::size_t limit);

} // namespace graphrag::entity
