#include "actors/query/fusion.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

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

void add_encoder_evidence(View& view, std::span<const chunk::ScoredChunk> nearest, float scale,
                          const Weights& setting, Candidates& candidates) {
  thread_local std::vector<float> own;
  thread_local std::vector<chunk::ChunkRef> refs;
  if (nearest.empty()) return;
  for (const auto& near : nearest) candidates.add(near.ref);
  refs.clear();
  for (std::uint32_t i = 0; i < candidates.size(); ++i) refs.push_back(candidates[i].ref);
  own.resize(refs.size());
  view.similarities(refs, own);
  for (auto& value : own)
    value = std::isnan(value) ? 0
                              : setting.vector_bonus * scale *
                                    std::sqrt(std::clamp(nearness(nearest, value), 0.0F, 1.0F));
  for (std::uint32_t i = 0; i < own.size(); ++i) {
    auto& to = candidates[i];
    const auto led = to.via == no_candidate ? 0 : to.via_weight * own[to.via];
    to.vector = std::max(own[i], setting.vector_share * led);
  }
}

void add_client_evidence(std::span<const chunk::ScoredChunk> nearest,
                         std::span<const chunk::ScoredChunk> keyword, float scale,
                         const Weights& setting, Candidates& candidates) {
  if (nearest.empty()) return;
  const auto trust = setting.vector_bonus * scale * agreement(nearest, keyword);
  if (trust <= 0) return;
  for (const auto& near : nearest) {
    const auto bonus = trust * nearness(nearest, near.score);
    if (bonus <= 0) continue;
    const auto number = candidates.add(near.ref);
    if (number != no_candidate) candidates[number].vector = bonus;
  }
}

} // namespace graphrag::query
