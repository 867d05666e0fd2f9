#pragma once
// Figures of merit of rankings, summed over the questions of a set, and gains in pairs.
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace quality {

struct Figures {
  double recall2 = 0, recall5 = 0, recall10 = 0, all5 = 0, ndcg10 = 0, mrr = 0, micros = 0,
         answered = 0, silent = 0; // sums
  std::size_t queries = 0, answerable = 0;
  std::vector<double> each_recall5, each_ndcg; // question by question, to compare in pairs

  // Counts one ranking of distinct documents, best first.
  void add(const std::vector<std::string>& ids, const std::set<std::string>& gold);
  double mean_ndcg() const;
};

// Means over the questions.
nlohmann::json to_json(const Figures& figures);
void print(const char* mode, const nlohmann::json& means);

// The mean gain of `a` over `b` in points, question by question, with its 95 % interval: 10,000
// resamples of the questions, always the same ones. Both of one length, not empty.
nlohmann::json gain(const std::vector<double>& a, const std::vector<double>& b);
void print_gain(const char* what, const nlohmann::json& gain);

} // namespace quality
