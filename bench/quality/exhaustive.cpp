#include "bench/quality/exhaustive.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "actors/chunk/analyse.hpp"

namespace quality {

using namespace graphrag;

Figures ask_exhaustively(const QuestionSet& set) {
  constexpr double k1 = 1.2;
  constexpr double b = 0.75;
  Figures figures;
  const auto view = set.index->view();
  std::vector<chunk::ChunkRef> refs;
  std::unordered_map<chunk::TermId, double> holding;
  double tokens = 0;
  view.for_each_chunk([&](chunk::ChunkRef ref) {
    refs.push_back(ref);
    const auto passage = view.chunk(ref);
    tokens += passage.length;
    for (const auto& term : passage.terms) ++holding[term.term];
    return true;
  });
  const auto n = static_cast<double>(refs.size());
  std::vector<chunk::Token> words;
  for (const auto& asked : set.questions) {
    std::unordered_map<chunk::TermId, double> weight;
    chunk::tokenize(asked.question, words);
    for (const auto& word : words)
      if (const auto id = view.find_term(word.term); id != chunk::no_term) ++weight[id];
    std::vector<std::pair<double, std::string>> ranked;
    for (const auto ref : refs) {
      const auto passage = view.chunk(ref);
      const double norm = k1 * (1 - b + b * passage.length / (tokens / n));
      double sum = 0;
      for (const auto& [id, tf] : passage.terms)
        if (const auto asks = weight.find(id); asks != weight.end())
          sum += asks->second * std::log1p((n - holding[id] + 0.5) / (holding[id] + 0.5)) *
                 (k1 + 1) * tf / (tf + norm);
      if (sum > 0) ranked.emplace_back(-sum, passage.document->id);
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<std::string> ids;
    for (const auto& [score, id] : ranked) {
      if (ids.size() == 10) break;
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
    }
    figures.add(ids, asked.gold);
  }
  return figures;
}

} // namespace quality
