#pragma once
// Adding the BM25 scores of runs of postings to an array of sums, four at a time.
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

// Bit i says whether values[i] >= enough, of sixteen.
inline std::uint32_t at_least(const float* values, float enough) noexcept {
#if defined(__SSE2__)
  auto four = [&](std::size_t i) {
    return _mm_castps_si128(_mm_cmpge_ps(_mm_loadu_ps(values + i), _mm_set1_ps(enough)));
  };
  auto bytes =
      _mm_packs_epi16(_mm_packs_epi32(four(0), four(4)), _mm_packs_epi32(four(8), four(12)));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
#else
  std::uint32_t bits = 0;
  for (std::uint32_t i = 0; i < 16; ++i) bits |= std::uint32_t{values[i] >= enough} << i;
  return bits;
#endif
}

// Calls `each(i, sum)` for every sums[i] >= enough (which is above 0), i below `size`, in order,
// and zeroes them all.
template <class Each>
void drain(float* sums, std::uint32_t size, float enough, Each&& each) {
  std::uint32_t i = 0;
  for (; i + 16 <= size; i += 16) {
    for (auto left = at_least(sums + i, enough); left != 0; left &= left - 1) {
      auto at = i + static_cast<std::uint32_t>(std::countr_zero(left));
      each(at, sums[at]);
    }
    std::memset(sums + i, 0, 16 * sizeof(float));
  }
  for (; i < size; ++i) {
    if (sums[i] >= enough) each(i, sums[i]);
    sums[i] = 0;
  }
}

} // namespace graphrag::chunk::detail
