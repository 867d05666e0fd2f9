#include "bench/quality/figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

namespace quality {

void Figures::add(const std::vector<std::string>& ids, const std::set<std::string>& gold) {
  std::size_t found = 0;
  double gained = 0;
  double ideal = 0;
  double first = 0;
  double recall[3] = {0, 0, 0};
  const std::size_t cuts[3] = {2, 5, 10};
  for (std::size_t i = 0; i < 10; ++i) {
    if (i < ids.size() && gold.contains(ids[i])) {
      ++found;
      gained += 1 / std::log2(static_cast<double>(i) + 2);
      if (first == 0) first = 1 / (static_cast<double>(i) + 1);
    }
    for (std::size_t c = 0; c < 3; ++c)
      if (i + 1 == cuts[c])
        recall[c] = static_cast<double>(found) / static_cast<double>(gold.size());
    if (i < gold.size()) ideal += 1 / std::log2(static_cast<double>(i) + 2);
  }
  each_recall5.push_back(recall[1]);
  each_ndcg.push_back(ideal > 0 ? gained / ideal : 0);
  recall2 += recall[0];
  recall5 += recall[1];
  recall10 += recall[2];
  all5 += recall[1] >= 1 ? 1 : 0;
  ndcg10 += each_ndcg.back();
  mrr += first;
  ++queries;
}

double Figures::mean_ndcg() const {
  return ndcg10 / static_cast<double>(std::max<std::size_t>(queries, 1));
}

nlohmann::json to_json(const Figures& f) {
  const auto n = static_cast<double>(std::max<std::size_t>(f.queries, 1));
  return {{"queries", f.queries},
          {"recall@2", f.recall2 / n},
          {"recall@5", f.recall5 / n},
          {"recall@10", f.recall10 / n},
          {"all@5", f.all5 / n},
          {"ndcg@10", f.ndcg10 / n},
          {"mrr", f.mrr / n},
          {"query_us", f.micros / n},
          {"silent", f.silent / n},
          {"answered", f.answered / static_cast<double>(std::max<std::size_t>(f.answerable, 1))}};
}

void print(const char* mode, const nlohmann::json& f) {
  std::printf("  %-10s recall@2 %.3f  @5 %.3f  @10 %.3f  all@5 %.3f  ndcg@10 %.3f  mrr %.3f  "
              "answered %.3f  silent %.3f  %6.0f us/query\n",
              mode, f["recall@2"].get<double>(), f["recall@5"].get<double>(),
              f["recall@10"].get<double>(), f["all@5"].get<double>(), f["ndcg@10"].get<double>(),
              f["mrr"].get<double>(), f["answered"].get<double>(), f["silent"].get<double>(),
              f["query_us"].get<double>());
}

nlohmann::json gain(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr std::size_t resamples = 10'000;
  std::mt19937 random{1};
  std::uniform_int_distribution<std::size_t> pick{0, a.size() - 1};
  std::vector<double> means;
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] - b[i];
  for (std::size_t r = 0; r < resamples; ++r) {
    double total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto at = pick(random);
      total += a[at] - b[at];
    }
    means.push_back(100 * total / static_cast<double>(a.size()));
  }
  std::sort(means.begin(), means.end());
  return {{"points", 100 * sum / static_cast<double>(a.size())},
          {"low", means[resamples / 40]},
          {"high", means[resamples - 1 - resamples / 40]}};
}

void print_gain(const char* what, const nlohmann::json& gain) {
  std::printf("  %-28s %+.1f points (95 %%: %+.1f to %+.1f)\n", what, gain["points"].get<double>(),
              gain["low"].get<double>(), gain["high"].get<double>());
}

} // namespace quality
