#include "actors/query/fusion.hpp"

#include <algorithm>

#include "actors/query/weights.hpp"

namespace graphrag::query {
namespace {

constexpr std::size_t judges = 5; // best keyword passages that the vectors are compared with

// How near, as a part of the distance between the nearest and the farthest of the list.
float nearness(std::span<const chunk::ScoredChunk> nearest, float similarity) {
  const auto best = nearest.front().score;
  const auto worst = nearest.back().score;
  return best > worst ? (similarity - worst) / (best - worst) : 0;
}

// Mean nearness of the best keyword passages; those that are not in the list count as far away.
float agreement(std::span<const chunk::ScoredChunk> nearest,
                std::span<const chunk::ScoredChunk> keyword) {
  const auto count = std::min(judges, keyword.size());
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto found = std::find_if(nearest.begin(), nearest.end(),
                                    [&](const auto& near) { return near.ref == keyword[i].ref; });
    if (found != nearest.end()) sum += nearness(nearest, found->score);
  }
  return count == 0 ? 1 : sum / static_cast<float>(count);
}

} // namespace

void add_vector_evidence(std::span<const chunk::ScoredChunk> nearest,
                         std::span<const chunk::ScoredChunk> keyword, float scale,
                         Candidates& candidates) {
  if (nearest.empty()) return;
  const auto trust = weights::vector_bonus * scale * agreement(nearest, keyword);
  if (trust <= 0) return;
  for (const auto& near : nearest) {
    const auto bonus = trust * nearness(nearest, near.score);
    if (bonus <= 0) continue;
    const auto number = candidates.add(near.ref);
    if (number != no_candidate) candidates[number].vector = bonus;
  }
}

} // namespace graphrag::query
