#include <gtest/gtest.h>

#include <set>

#include "actors/query/global.hpp"
#include "tests/support/live_collection.hpp"

namespace graphrag::query {
namespace {

using test::LiveCollection;

class GlobalQuestions : public testing::Test {
protected:
  void SetUp() override {
    test::put_two_themes(collection_);
    collection_.settle();
  }
  QueryResult ask(
      const Question& question, const std::function<bool()>& expired = [] { return false; }) {
    return run_global(collection_.view(), *collection_.entities().communities().snapshot(),
                      collection_.entities().names(), question, expired);
  }
  QueryResult ask(const std::string& text) {
    Question question;
    question.text = text;
    question.mode = Mode::global;
    return ask(question);
  }
  static std::set<std::string> themes(const QueryResult& result) {
    std::set<std::string> found;
    for (const auto& citation : result.answer.citations)
      found.insert(citation.document_id.substr(0, 3));
    return found;
  }

  LiveCollection collection_;
};

TEST_F(GlobalQuestions, of_the_whole_cite_every_theme) {
  const auto result = ask("What are the main themes?");
  EXPECT_EQ(themes(result), (std::set<std::string>{"dam", "roy"}));
  EXPECT_FALSE(result.partial);
  ASSERT_EQ(result.communities.size(), 2U);
  for (const auto& community : result.communities) {
    EXPECT_FALSE(community.title.empty());
    EXPECT_GE(community.entities.size(), 3U);
    EXPECT_NE(result.answer.text.find(community.summary), std::string::npos);
  }
  std::set<std::string> cited;
  for (const auto& citation : result.answer.citations) {
    cited.insert(citation.document_id);
    EXPECT_NE(result.answer.text.find(citation.text), std::string::npos);
  }
  std::set<std::string> hits;
  for (const auto& hit : result.hits) hits.insert(hit.document_id);
  EXPECT_EQ(hits, cited);
}

TEST_F(GlobalQuestions, with_words_of_content_choose_the_theme) {
  EXPECT_EQ(themes(ask("What is said about the river and its dams?")),
            std::set<std::string>{"dam"});
  EXPECT_EQ(themes(ask("Which role do the emperor and the queen play?")),
            std::set<std::string>{"roy"});
}

TEST_F(GlobalQuestions, the_filter_holds_for_sentences_and_entities) {
  Question question;
  question.text = "What are the main themes?";
  auto& condition = question.filter.must.emplace_back();
  condition.key = "theme";
  condition.values = {std::string{"roy"}};
  const auto result = ask(question);
  EXPECT_EQ(themes(result), std::set<std::string>{"roy"});
  for (const auto& community : result.communities)
    for (const auto& entity : community.entities)
      EXPECT_EQ(entity.name.find("Dam"), std::string::npos);
}

TEST_F(GlobalQuestions, the_dead_are_not_cited) {
  for (int i = 1; i <= 4; ++i) collection_.remove("roy" + std::to_string(i));
  EXPECT_EQ(themes(ask("What are the main themes?")), std::set<std::string>{"dam"});
  EXPECT_EQ(ask("What are the main themes?").communities.size(), 1U);
}

TEST_F(GlobalQuestions, limits_bound_results_and_answers_can_be_left_out) {
  Question question;
  question.text = "Main themes?";
  question.limit = 1;
  question.answer = false;
  const auto result = ask(question);
  EXPECT_EQ(result.hits.size(), 1U);
  EXPECT_TRUE(result.answer.text.empty());
  EXPECT_EQ(result.communities.size(), 2U);
}

TEST_F(GlobalQuestions, late_ones_are_partial) {
  Question question;
  question.text = "Main themes?";
  const auto result = ask(question, [] { return true; });
  EXPECT_TRUE(result.partial);
  EXPECT_EQ(result.missing, std::vector<std::string>{"answer"});
  EXPECT_TRUE(result.answer.text.empty());
}

TEST(GlobalTerms, only_words_with_content_are_left) {
  EXPECT_TRUE(content_terms("What are the main themes of this collection?").empty());
  EXPECT_TRUE(content_terms("Who are the main characters and how are they related?").empty());
  EXPECT_EQ(content_terms("What is said of dams and dam building?"),
            (std::vector<std::string>{"dam", "build"}));
}

} // namespace
} // namespace graphrag::query
