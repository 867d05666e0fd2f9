// The best hits in a model's order.
#include "actors/query/rerank.hpp"

#include <gtest/gtest.h>

#include "tests/unit/query/collection.hpp"

namespace graphrag::query {
namespace {

std::vector<Hit> hits(const std::vector<std::string>& documents) {
  std::vector<Hit> out;
  for (const auto& id : documents) {
    out.emplace_back().document_id = id;
    out.back().signals.emplace();
  }
  return out;
}

std::string order(const std::vector<Hit>& of) {
  std::string out;
  for (const auto& hit : of) out += hit.document_id;
  return out;
}

TEST(Rerank, PutsTheBestFirstAndLeavesTheRestWhereItIs) {
  auto found = hits({"a", "b", "c", "d", "e"});
  rerank(found, std::vector<double>{0.1, 0.9, 0.5});
  EXPECT_EQ(order(found), "bcade");
  EXPECT_EQ(found[0].signals->rerank, 0.9);
  EXPECT_EQ(found[2].signals->rerank, 0.1);
  EXPECT_FALSE(found[3].signals->rerank);
}

TEST(Rerank, EqualOnesKeepTheirOrder) {
  auto found = hits({"a", "b", "c"});
  rerank(found, std::vector<double>{1, 2, 1});
  EXPECT_EQ(order(found), "bac");
  rerank(found, std::vector<double>{});
  EXPECT_EQ(order(found), "bac");
}

TEST(Rerank, ShowsTitleSectionAndText) {
  std::vector<Hit> found(2);
  found[0].title = "T";
  found[0].section = "S";
  found[0].text = "x";
  found[1].text = "y";
  EXPECT_EQ(rerank_texts(found, 20), (std::vector<std::string>{"T\nS\nx", "y"}));
  EXPECT_EQ(rerank_texts(found, 1), (std::vector<std::string>{"T\nS\nx"}));
}

TEST(Rerank, WithoutScoresTheAnswerIsTheSameAsIfNobodyHadAsked) {
  TestCollection collection;
  collection.add("a", "", "The zebra drinks water at the river. It sleeps at night.");
  collection.add("b", "", "A zebra drinks.");
  collection.add("c", "", "Lions saw the zebra near the trees.");
  Question question;
  question.text = "zebra drinks";
  question.limit = 2;
  const auto view = collection.view();
  const auto plain = run(view, question);
  auto result = run(view, before_rerank(question, 20));
  EXPECT_EQ(result.hits.size(), 3U);
  EXPECT_TRUE(result.answer.text.empty());
  after_rerank(view, question, result);
  EXPECT_EQ(ids(result), ids(plain));
  EXPECT_EQ(result.answer.text, plain.answer.text);
  ASSERT_EQ(result.answer.citations.size(), plain.answer.citations.size());
}

TEST(Rerank, TheAnswerIsMadeOfTheNewOrder) {
  TestCollection collection;
  collection.add("a", "", "The zebra drinks water at the river.");
  collection.add("b", "", "The zebra drinks milk in the house.");
  Question question;
  question.text = "zebra drinks";
  question.limit = 1;
  const auto view = collection.view();
  auto result = run(view, before_rerank(question, 20));
  ASSERT_EQ(result.hits.size(), 2U);
  const auto last = result.hits[1].document_id;
  rerank(result.hits, std::vector<double>{0, 1});
  after_rerank(view, question, result);
  ASSERT_EQ(result.hits.size(), 1U);
  ASSERT_FALSE(result.answer.citations.empty());
  EXPECT_EQ(result.answer.citations[0].document_id, last);
}

} // namespace
} // namespace graphrag::query
