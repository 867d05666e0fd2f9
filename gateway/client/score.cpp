#include "gateway/client/score.hpp"

#include <algorithm>
#include <cmath>

namespace graphrag::client {

QueryScore score_query(const std::vector<std::string>& ranked, const std::set<std::string>& gold) {
  QueryScore score;
  if (gold.empty()) return score;
  std::set<std::string> seen;
  std::size_t rank = 0, hits_2 = 0, hits_5 = 0, hits_10 = 0;
  double gain = 0;
  for (const auto& id : ranked) {
    if (!seen.insert(id).second) continue;
    ++rank;
    if (!gold.contains(id)) continue;
    if (score.mrr == 0) score.mrr = 1.0 / static_cast<double>(rank);
    hits_2 += rank <= 2;
    hits_5 += rank <= 5;
    hits_10 += rank <= 10;
    if (rank <= 10) gain += 1 / std::log2(static_cast<double>(rank) + 1);
  }
  auto all = static_cast<double>(gold.size());
  double best = 0;
  for (std::size_t i = 1; i <= std::min<std::size_t>(10, gold.size()); ++i)
    best += 1 / std::log2(static_cast<double>(i) + 1);
  score.recall_2 = static_cast<double>(hits_2) / all;
  score.recall_5 = static_cast<double>(hits_5) / all;
  score.recall_10 = static_cast<double>(hits_10) / all;
  score.all_5 = hits_5 == gold.size() ? 1 : 0;
  score.ndcg_10 = gain / best;
  return score;
}

QueryScore mean_score(const std::vector<QueryScore>& scores) {
  QueryScore mean;
  auto count = static_cast<double>(std::max<std::size_t>(1, scores.size()));
  for (const auto& s : scores) {
    mean.recall_2 += s.recall_2 / count;
    mean.recall_5 += s.recall_5 / count;
    mean.recall_10 += s.recall_10 / count;
    mean.all_5 += s.all_5 / count;
    mean.ndcg_10 += s.ndcg_10 / count;
    mean.mrr += s.mrr / count;
  }
  return mean;
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  auto at = std::min(values.size() - 1, rank == 0 ? 0 : rank - 1);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

} // namespace graphrag::client
