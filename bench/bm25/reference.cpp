#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "bench/bm25/engines.hpp"

namespace graphrag::bench {

struct Reference::State {
  const Corpus& corpus;
  double average = 0;
  std::unordered_map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> postings;
};

Reference::Reference(const Corpus& corpus) : state_{new State{corpus, 0, {}}} {
  for (std::uint32_t i = 0; i < corpus.passages.size(); ++i) {
    state_->average += corpus.passages[i].length;
    for (const auto& [term, count] : corpus.passages[i].terms)
      state_->postings[term].emplace_back(i, count);
  }
  state_->average /= static_cast<double>(corpus.passages.size());
}
Reference::~Reference() = default;

std::vector<Found> Reference::search(const Question& question, std::size_t k) const {
  const float k1 = 1.2F, b = 0.75F;
  const auto& passages = state_->corpus.passages;
  std::vector<float> scores(passages.size());
  for (const auto& [term, weight] : question.terms) {
    auto list = state_->postings.find(term);
    if (list == state_->postings.end()) continue;
    auto n = static_cast<double>(passages.size()), df = static_cast<double>(list->second.size());
    float factor = static_cast<float>(weight) *
                   static_cast<float>(std::log1p((n - df + 0.5) / (df + 0.5))) * (k1 + 1);
    for (auto [passage, count] : list->second) {
      auto tf = static_cast<float>(count);
      float norm = k1 * (1 - b) + k1 * b / static_cast<float>(state_->average) *
                                      static_cast<float>(passages[passage].length);
      scores[passage] += factor * (tf / (tf + norm));
    }
  }
  std::vector<Found> out;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i] > 0) out.push_back({passages[i].id, scores[i]});
  std::sort(out.begin(), out.end(), [](const Found& a, const Found& b2) {
    return a.score != b2.score ? a.score > b2.score : a.id < b2.id;
  });
  if (out.size() > k) out.resize(k);
  return out;
}

} // namespace graphrag::bench
