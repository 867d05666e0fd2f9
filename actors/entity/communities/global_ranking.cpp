#include "actors/entity/communities/global_ranking.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace graphrag::entity {
namespace {

constexpr double k1 = 1.2;
constexpr double b = 0.75;

double size_factor(const RankedSummary& summary) {
  return std::log2(1 + static_cast<double>(summary.members));
}

double weight_in(const RankedSummary& summary, std::uint32_t term) {
  const auto found = std::lower_bound(
      summary.terms.begin(), summary.terms.end(), term,
      [](const WeightedTerm& held, std::uint32_t wanted) { return held.term < wanted; });
  return found != summary.terms.end() && found->term == term ? found->weight : 0;
}

// Best first; the same score goes to the smaller id.
void keep_best(std::vector<RankedCommunity>& ranked, std::size_t limit) {
  std::sort(ranked.begin(), ranked.end(), [](const RankedCommunity& x, const RankedCommunity& y) {
    return x.score != y.score ? x.score > y.score : x.community < y.community;
  });
  if (ranked.size() > limit) ranked.resize(limit);
}

std::vector<RankedCommunity> largest(std::span<const RankedSummary> summaries, std::size_t limit) {
  std::uint32_t top = 0;
  for (const auto& summary : summaries) top = std::max(top, summary.level);
  std::vector<RankedCommunity> ranked;
  for (const auto& summary : summaries)
    if (summary.level == top) ranked.push_back({summary.community, size_factor(summary)});
  keep_best(ranked, limit);
  return ranked;
}

} // namespace

std::vector<RankedCommunity> global_ranking(std::span<const WeightedTerm> question,
                                            std::span<const RankedSummary> summaries,
                                            std::size_t limit) {
  struct Asked {
    double weight = 0, holding = 0; // summaries
  };
  std::map<std::uint32_t, Asked> asked;
  for (const auto& term : question) asked[term.term].weight += term.weight;
  double lengths = 0;
  for (const auto& summary : summaries) {
    lengths += summary.length;
    for (auto& [term, figures] : asked)
      if (weight_in(summary, term) > 0) figures.holding += 1;
  }
  const auto n = static_cast<double>(summaries.size());
  std::vector<RankedCommunity> ranked;
  for (const auto& summary : summaries) {
    const double norm = k1 * (1 - b + (lengths > 0 ? b * summary.length * n / lengths : 0));
    double score = 0;
    for (const auto& [term, figures] : asked)
      if (const auto weight = weight_in(summary, term); weight > 0)
        score += figures.weight *
                 std::log1p((n - figures.holding + 0.5) / (figures.holding + 0.5)) * (k1 + 1) *
                 weight / (weight + norm);
    if (score > 0) ranked.push_back({summary.community, score * size_factor(summary)});
  }
  if (ranked.empty()) return largest(summaries, limit);
  keep_best(ranked, limit);
  return ranked;
}

} // namespace graphrag::entity
