#pragma once
// The one place where BM25 is computed. Every path to a score (posting blocks, single chunks,
// contributions) uses these expressions in this order, so that they agree to the last bit.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "actors/chunk/index.hpp"

namespace graphrag::chunk::detail {

inline float inverse_document_frequency(std::uint64_t chunks, std::uint64_t holding) noexcept {
  // A writer may have counted more since `chunks` was fixed.
  auto n = static_cast<double>(chunks), df = static_cast<double>(std::min(holding, chunks));
  return static_cast<float>(std::log1p((n - df + 0.5) / (df + 0.5)));
}

// A chunk's length turned into the denominator's second part.
struct LengthNorm {
  float base, per_token;
  LengthNorm(const Bm25& parameters, float average_length) noexcept
      : base(parameters.k1 * (1 - parameters.b)),
        per_token(parameters.k1 * parameters.b / std::max(average_length, 1.0F)) {}
  float operator()(float length) const noexcept { return base + per_token * length; }
};

// `factor` is weight * idf * (k1 + 1).
inline float term_score(float factor, float tf, float norm) noexcept {
  return factor * (tf / (tf + norm));
}

inline float term_factor(float weight, float idf, const Bm25& parameters) noexcept {
  return weight * idf * (parameters.k1 + 1);
}

} // namespace graphrag::chunk::detail
