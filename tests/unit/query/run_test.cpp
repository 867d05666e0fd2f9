#include <gtest/gtest.h>

#include <algorithm>

#include "collection.hpp"

namespace graphrag::query {
namespace {

std::size_t rank(const QueryResult& result, const std::string& id) {
  const auto found = ids(result);
  return static_cast<std::size_t>(std::find(found.begin(), found.end(), id) - found.begin());
}

TEST(Query, keyword_ranks_by_words_alone) {
  const auto result = family().ask("village church", Mode::keyword);
  ASSERT_EQ(result.hits.size(), 10U);
  EXPECT_TRUE(result.hits[0].document_id.starts_with("other"));
  EXPECT_EQ(result.hits[0].signals->link, 0.0F);
}

TEST(Query, hybrid_follows_the_link_that_words_do_not_show) {
  const auto collection = family();
  const auto question = "When did Lothair II's mother die?";
  const auto hybrid = collection.ask(question);
  EXPECT_EQ(rank(hybrid, "lothair"), 0U);
  EXPECT_LE(rank(hybrid, "ermengarde"), 2U);
  EXPECT_GT(rank(collection.ask(question, Mode::keyword), "ermengarde"), 2U);
  const auto& hit = hybrid.hits[rank(hybrid, "ermengarde")];
  EXPECT_EQ(hit.signals->via, "lothair");
  EXPECT_GT(hit.signals->link, 0.0F);
}

TEST(Query, names_are_found_in_any_case) {
  const auto result = family().ask("when did lothair ii die");
  EXPECT_EQ(rank(result, "lothair"), 0U);
  ASSERT_EQ(result.entities.size(), 1U);
  EXPECT_EQ(result.entities[0].name, "Lothair II");
  EXPECT_EQ(result.entities[0].id.size(), 16U);
}

TEST(Query, names_have_an_equal_voice) {
  TestCollection collection;
  collection.add(
      "long", "The Quiet Return of Uncle Barnaby",
      "The Quiet Return of Uncle Barnaby is a film. It was directed by Ann Lee. Vera Stone, "
      "Rolf Grant and Tom Marsh play in it.");
  collection.add("short", "Fog", "Fog is a film. It was directed by Karl Moor.");
  collection.add("lee", "Ann Lee", "Ann Lee is a director.");
  collection.add("moor", "Karl Moor", "Karl Moor is a director.");
  for (const auto* name : {"Vera Stone", "Rolf Grant", "Tom Marsh"})
    collection.add(name, name, std::string{name} + " is an actor of The Quiet Return.");
  for (int i = 0; i < 30; ++i)
    collection.add("other" + std::to_string(i), "",
                   "A note on the weather of day " + std::to_string(i));
  const auto result =
      collection.ask("Which director is older, of The Quiet Return of Uncle Barnaby or of Fog?");
  for (const auto* id : {"long", "short", "lee", "moor"}) EXPECT_LT(rank(result, id), 4U) << id;
}

TEST(Query, local_stays_with_the_names_of_the_question) {
  const auto result = family().ask("Who was Teutberga?", Mode::local);
  EXPECT_EQ(rank(result, "teutberga"), 0U);
  EXPECT_LT(rank(result, "lothair"), result.hits.size()) << "it mentions her";
  for (const auto& id : ids(result)) EXPECT_FALSE(id.starts_with("other"));
}

TEST(Query, a_question_without_names_is_as_good_as_by_keyword) {
  const auto collection = family();
  EXPECT_EQ(ids(collection.ask("many people die of age")),
            ids(collection.ask("many people die of age", Mode::keyword)));
}

TEST(Query, removed_passages_are_gone_from_every_stage) {
  auto collection = family();
  collection.remove("ermengarde");
  const auto result = collection.ask("When did Lothair II's mother die?");
  EXPECT_EQ(rank(result, "ermengarde"), result.hits.size());
  for (const auto& citation : result.answer.citations)
    EXPECT_NE(citation.document_id, "ermengarde");
}

TEST(Query, the_number_of_shards_makes_no_difference) {
  const auto one = family(1);
  const auto many = family(16);
  for (auto mode : {Mode::keyword, Mode::hybrid, Mode::local})
    for (const auto* text :
         {"When did Lothair II's mother die?", "village people", "Place 7", "Teutberga"}) {
      const auto a = one.ask(text, mode);
      const auto b = many.ask(text, mode);
      EXPECT_EQ(ids(a), ids(b)) << text;
      ASSERT_EQ(a.hits.size(), b.hits.size());
      for (std::size_t i = 0; i < a.hits.size(); ++i) EXPECT_EQ(a.hits[i].score, b.hits[i].score);
      EXPECT_EQ(a.answer.text, b.answer.text);
    }
}

TEST(Query, the_filter_holds_in_every_hop) {
  TestCollection collection;
  collection.add("a", "Alpha Works", "Alpha Works was bought by Beta Group in 1999.", {},
                 R"({"tenant":"x"})");
  collection.add("b", "Beta Group", "Beta Group was founded by Carl Stone.", {},
                 R"({"tenant":"y"})");
  Question question;
  question.text = "Who founded the buyer of Alpha Works?";
  EXPECT_EQ(ids(collection.ask(question)), (std::vector<std::string>{"a", "b"}));
  chunk::Condition condition;
  condition.key = "tenant";
  condition.values = {std::string{"x"}};
  question.filter.must.push_back(condition);
  for (auto mode : {Mode::hybrid, Mode::keyword, Mode::local}) {
    question.mode = mode;
    const auto result = collection.ask(question);
    EXPECT_EQ(ids(result), (std::vector<std::string>{"a"}));
    for (const auto& entity : result.entities) EXPECT_NE(entity.name, "Beta Group");
  }
}

TEST(Query, vectors_alone) {
  TestCollection collection;
  collection.add("north", "", "One text.", {0, 1});
  collection.add("east", "", "Another text.", {1, 0});
  Question question;
  question.text = "anything";
  question.mode = Mode::vector;
  question.vector = {0.9F, 0.1F};
  EXPECT_EQ(ids(collection.ask(question)), (std::vector<std::string>{"east", "north"}));
}

TEST(Query, vectors_that_disagree_with_the_words_do_not_rule) {
  auto collection = TestCollection{};
  for (int i = 0; i < 10; ++i)
    collection.add("w" + std::to_string(i), "",
                   "The zebra number " + std::to_string(i) + " drinks water.", {1, 0});
  for (int i = 0; i < 10; ++i)
    collection.add("v" + std::to_string(i), "", "Unrelated words number " + std::to_string(i) + ".",
                   {0, 1});
  Question question;
  question.text = "zebra drinks";
  question.vector = {0, 1};
  const auto result = collection.ask(question);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(result.hits[i].document_id.starts_with("w"));
}

TEST(Query, vectors_that_agree_with_the_words_break_ties) {
  TestCollection collection;
  collection.add("a", "", "The zebra drinks water.", {0.8F, 0.6F});
  collection.add("b", "", "The zebra drinks water.", {1, 0});
  collection.add("c", "", "Unrelated text here.", {0, 1});
  Question question;
  question.text = "zebra";
  question.vector = {1, 0};
  EXPECT_EQ(ids(collection.ask(question)), (std::vector<std::string>{"b", "a"}));
}

TEST(Query, groups_by_document) {
  TestCollection collection;
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "The zebra number " + std::to_string(i) + " drinks a lot of water. ";
  collection.add("long", "", text).add("short", "", "A zebra.");
  Question question;
  question.text = "zebra";
  EXPECT_GT(collection.ask(question).hits.size(), 3U);
  question.group_by_document = true;
  const auto result = collection.ask(question);
  EXPECT_EQ(result.hits.size(), 2U);
}

TEST(Query, the_limit_holds) {
  Question question;
  question.text = "village mother";
  question.limit = 3;
  EXPECT_EQ(family().ask(question).hits.size(), 3U);
}

TEST(Query, at_the_deadline_it_says_what_is_missing) {
  const auto collection = family();
  Question question;
  question.text = "When did Lothair II's mother die?";
  const auto nothing = run(collection.view(), question, [] { return true; });
  EXPECT_TRUE(nothing.partial);
  EXPECT_TRUE(nothing.hits.empty());
  EXPECT_EQ(nothing.missing, (std::vector<std::string>{"results", "answer"}));
  int asked = 0;
  const auto words_only = run(collection.view(), question, [&] { return ++asked > 1; });
  EXPECT_TRUE(words_only.partial);
  EXPECT_FALSE(words_only.hits.empty());
  EXPECT_EQ(words_only.missing, (std::vector<std::string>{"links", "answer"}));
}

TEST(Query, nothing_matches) {
  const auto collection = family();
  for (const auto* text : {"", "   ", "qqqq zzzz", "???"}) {
    const auto result = collection.ask(text);
    EXPECT_TRUE(result.hits.empty());
    EXPECT_TRUE(result.answer.text.empty());
    EXPECT_FALSE(result.partial);
  }
}

TEST(Query, an_empty_collection) {
  const auto result = TestCollection{}.ask("When did Lothair II's mother die?");
  EXPECT_TRUE(result.hits.empty());
  EXPECT_TRUE(result.entities.empty());
}

TEST(Query, a_very_long_question_stays_bounded) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "Lothair II mother place " + std::to_string(i) + " ";
  EXPECT_EQ(family().ask(text).hits.size(), 10U);
}

} // namespace
} // namespace graphrag::query
