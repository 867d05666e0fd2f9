#include "gateway/client/score.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace graphrag::client {

TEST(ScoreQuery, counts_gold_within_each_cut) {
  auto s = score_query({"x", "a", "y", "z", "b", "w"}, {"a", "b"});
  EXPECT_DOUBLE_EQ(s.recall_2, 0.5);
  EXPECT_DOUBLE_EQ(s.recall_5, 1.0);
  EXPECT_DOUBLE_EQ(s.recall_10, 1.0);
  EXPECT_DOUBLE_EQ(s.all_5, 1.0);
  EXPECT_DOUBLE_EQ(s.mrr, 0.5);
  double ideal = 1 + 1 / std::log2(3.0);
  EXPECT_DOUBLE_EQ(s.ndcg_10, (1 / std::log2(3.0) + 1 / std::log2(6.0)) / ideal);
}

TEST(ScoreQuery, counts_a_document_once_at_its_best_rank) {
  // Four passages of the same document take one rank, not four.
  auto s = score_query({"x", "x", "x", "x", "a", "a", "b"}, {"a", "b"});
  EXPECT_DOUBLE_EQ(s.recall_2, 0.5);
  EXPECT_DOUBLE_EQ(s.recall_5, 1.0);
  EXPECT_DOUBLE_EQ(s.mrr, 0.5);
}

TEST(ScoreQuery, misses_are_zero_and_late_hits_count_for_mrr_only) {
  EXPECT_DOUBLE_EQ(score_query({}, {"a"}).recall_10, 0);
  std::vector<std::string> ranked;
  for (int i = 0; i < 11; ++i) ranked.push_back("x" + std::to_string(i));
  ranked.push_back("a");
  auto s = score_query(ranked, {"a"});
  EXPECT_DOUBLE_EQ(s.recall_10, 0);
  EXPECT_DOUBLE_EQ(s.ndcg_10, 0);
  EXPECT_DOUBLE_EQ(s.mrr, 1.0 / 12);
}

TEST(ScoreQuery, needs_all_of_the_gold_for_all_at_5) {
  EXPECT_DOUBLE_EQ(score_query({"a", "b", "c", "d", "e"}, {"a", "b", "f"}).all_5, 0);
  EXPECT_DOUBLE_EQ(score_query({"a"}, {}).all_5, 0);
}

TEST(MeanScore, averages_each_figure) {
  auto mean = mean_score({score_query({"a"}, {"a"}), score_query({"x"}, {"a"})});
  EXPECT_DOUBLE_EQ(mean.recall_2, 0.5);
  EXPECT_DOUBLE_EQ(mean.mrr, 0.5);
}

TEST(Quantile, takes_the_nearest_rank) {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 50);
  EXPECT_DOUBLE_EQ(quantile(values, 0.99), 99);
  EXPECT_DOUBLE_EQ(quantile(values, 1.0), 100);
  EXPECT_DOUBLE_EQ(quantile(values, 0.0), 1);
  EXPECT_DOUBLE_EQ(quantile({}, 0.5), 0);
}

} // namespace graphrag::client
