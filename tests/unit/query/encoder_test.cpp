// Questions with a vector of the server's own encoder, and links that follow the relation asked
// for.
#include <algorithm>

#include <gtest/gtest.h>

#include "actors/query/relation_cues.hpp"
#include "tests/unit/query/collection.hpp"

namespace graphrag::query {
namespace {

Question question(const std::string& text, std::vector<float> vector) {
  Question out;
  out.text = text;
  out.vector = std::move(vector);
  out.vector_model = "m";
  out.explain = true;
  return out;
}

TEST(EncodedQuestion, FindsWhatSharesNoWord) {
  TestCollection collection;
  collection.add("car", "", "The automobile was repaired.").encode("car", {1, 0});
  collection.add("fish", "", "Trout swim upstream.").encode("fish", {0, 1});
  EXPECT_EQ(ids(collection.ask(question("vehicle", {0.8F, 0.6F}))),
            (std::vector<std::string>{"car", "fish"}));
  EXPECT_TRUE(ids(collection.ask("vehicle")).empty());
}

TEST(EncodedQuestion, WordsAndMeaningAddUp) {
  TestCollection collection;
  collection.add("words", "", "The zebra drinks water.").encode("words", {0, 1});
  collection.add("both", "", "The zebra drinks milk.").encode("both", {0.8F, 0.6F});
  collection.add("meaning", "", "Striped horses are thirsty.").encode("meaning", {1, 0});
  const auto result = collection.ask(question("zebra drinks", {1, 0}));
  EXPECT_EQ(ids(result).front(), "both");
  EXPECT_GT(result.hits[0].signals->vector, 0);
  EXPECT_GT(result.hits[0].signals->keyword, 0);
}

TEST(EncodedQuestion, DocumentsThatWaitForTheirVectorAreFoundByWords) {
  TestCollection collection;
  collection.add("old", "", "The zebra drinks water.").encode("old", {0, 1});
  collection.add("new", "", "The zebra drinks water slowly and the zebra sleeps.");
  EXPECT_EQ(ids(collection.ask(question("zebra", {0, 1}))).size(), 2U);
}

TEST(EncodedQuestion, VectorsOfClientsAreOfAnotherKind) {
  TestCollection collection;
  collection.add("a", "", "One text.", {1, 0});
  EXPECT_TRUE(ids(collection.ask(question("nothing", {1, 0}))).empty());
}

TEST(EncodedQuestion, WhatALinkLeadsToSharesTheEvidenceOfWhereItCameFrom) {
  TestCollection collection;
  collection.add("film", "Rose Hill", "A quiet story. Rose Hill was directed by Ann Lee.")
      .encode("film", {1, 0});
  collection.add("person", "Ann Lee", "Ann Lee is an artist.").encode("person", {0, 1});
  collection.add("far", "", "Trout swim upstream.").encode("far", {0, 1});
  const auto result = collection.ask(question("the director of that quiet story", {1, 0}));
  const auto found = ids(result);
  const auto at = std::find(found.begin(), found.end(), "person");
  ASSERT_NE(at, found.end());
  const auto& signals = *result.hits[static_cast<std::size_t>(at - found.begin())].signals;
  EXPECT_EQ(signals.via, "film");
  EXPECT_GT(signals.vector, 0);
  EXPECT_LT(signals.vector, result.hits[0].signals->vector);
}

TEST(EncodedQuestion, NamesThatSayItAllLeaveTheEncoderNothing) {
  TestCollection collection;
  collection.add("rose", "Rose Hill", "Rose Hill is a film.").encode("rose", {0, 1});
  collection.add("near", "", "Rose petals on a hill.").encode("near", {1, 0});
  for (int i = 0; i < 10; ++i)
    collection.add("o" + std::to_string(i), "", "Some other text.")
        .encode("o" + std::to_string(i), {0, 1});
  const auto vector_of = [&](const std::string& text) {
    const auto result = collection.ask(question(text, {1, 0}));
    for (const auto& hit : result.hits)
      if (hit.document_id == "near") return hit.signals->vector;
    return -1.0F;
  };
  EXPECT_LT(vector_of("Rose Hill"), 0.01F);
  EXPECT_GT(vector_of("petals of Rose Hill"), 0.1F);
}

TEST(EncodedQuestion, TheFilterHolds) {
  TestCollection collection;
  collection.add("x", "", "One text.", {}, R"({"t":"x"})").encode("x", {1, 0});
  collection.add("y", "", "Another text.", {}, R"({"t":"y"})").encode("y", {1, 0});
  auto asked = question("vehicle", {1, 0});
  chunk::Condition condition;
  condition.key = "t";
  condition.values = {std::string{"y"}};
  asked.filter.must.push_back(condition);
  EXPECT_EQ(ids(collection.ask(asked)), std::vector<std::string>{"y"});
}

RelationCues cues_of(const std::string& question) {
  std::vector<chunk::Token> tokens;
  chunk::tokenize(question, tokens);
  RelationCues cues;
  cues.read(tokens);
  return cues;
}

TEST(RelationCues, KnowHowTextsSayWhatIsAskedFor) {
  const auto director = cues_of("Who is the director of Rose Hill?");
  ASSERT_TRUE(director.any());
  EXPECT_TRUE(director.in("It was directed by Ann Lee."));
  EXPECT_FALSE(director.in("It was filmed in Hong Kong during World War II."));
  EXPECT_FALSE(cues_of("zebra water").any());
}

TEST(RelationCues, TheRightLinkOfAPassageIsFollowed) {
  TestCollection collection;
  collection.add(
      "film", "Rose Hill",
      "Rose Hill is a film of 1997. It was shot in Bergtal. It was directed by Ann Lee.");
  collection.add("place", "Bergtal", "Bergtal is a town of many hills and one old bridge.");
  collection.add("person", "Ann Lee", "Ann Lee is an artist who was here and there in her years.");
  for (int i = 0; i < 20; ++i)
    collection.add("other" + std::to_string(i), "Village " + std::to_string(i),
                   "A village with some houses, number " + std::to_string(i) + ".");
  const auto found = ids(collection.ask("When was the director of Rose Hill born?"));
  const auto at = [&](const char* id) { return std::find(found.begin(), found.end(), id); };
  ASSERT_NE(at("person"), found.end());
  EXPECT_LT(at("person"), at("place"));
}

} // namespace
} // namespace graphrag::query
