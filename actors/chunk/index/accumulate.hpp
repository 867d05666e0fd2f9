#pragma once
// Adding the BM25 scores of runs of postings to an array of sums, four at a time.
#include <cstdint>
#include <cstring>
#include <span>

#include "actors/chunk/index/bm25.hpp"
#include "actors/chunk/index/postings.hpp"

namespace graphrag::chunk::detail {

// sums[ord] += score, for each posting. The expression is term_score(), lane by lane.
inline void accumulate(std::span<const Posting> postings, float factor, LengthNorm norm,
                       float* sums) noexcept {
  using Ints = std::int32_t __attribute__((vector_size(16)));
  using Floats = float __attribute__((vector_size(16)));
  std::size_t i = 0;
  for (; i + 4 <= postings.size(); i += 4) {
    Ints low, high; // ord, tf | length << 16, ord, ...
    std::memcpy(&low, &postings[i], sizeof low);
    std::memcpy(&high, &postings[i + 2], sizeof high);
    Ints packed = __builtin_shuffle(low, high, Ints{1, 3, 5, 7});
    Floats tf = __builtin_convertvector(packed & 0xffff, Floats);
    Floats length = __builtin_convertvector((packed >> 16) & 0xffff, Floats);
    Floats score = factor * (tf / (tf + (norm.base + norm.per_token * length)));
    for (std::size_t lane = 0; lane < 4; ++lane) sums[postings[i + lane].ord] += score[lane];
  }
  for (; i < postings.size(); ++i)
    sums[postings[i].ord] += term_score(factor, postings[i].tf, norm(postings[i].length));
}

} // namespace graphrag::chunk::detail
