// Names and relations of a model beside those of the rules; summaries by what they stand for.
#include "actors/entity/model_facts.hpp"

#include <gtest/gtest.h>

#include "actors/entity/names.hpp"
#include "actors/entity/written_summaries.hpp"

namespace graphrag::entity {
namespace {

using runtime::models::Extraction;

chunk::AnalysedChunk chunk_of(const std::string& text) {
  chunk::AnalysedChunk chunk;
  const auto end = text.find(". ");
  const auto size = static_cast<std::uint32_t>(text.size());
  if (end != text.npos) chunk.sentences.push_back({0, static_cast<std::uint32_t>(end + 1)});
  chunk.sentences.push_back({end == text.npos ? 0U : static_cast<std::uint32_t>(end + 2), size});
  return chunk;
}

const chunk::Mention* mention(const chunk::AnalysedChunk& chunk, const std::string& normal) {
  for (const auto& one : chunk.mentions)
    if (one.normal == normal) return &one;
  return nullptr;
}

TEST(ModelFacts, NamesStandWhereTheTextHasThem) {
  const std::string text = "the zorblax engine hums. quintana works made it.";
  auto chunk = chunk_of(text);
  const auto added = add_model_facts(
      {{{"quintana works", "organisation"}, {"zorblax engine", "work"}}, {}}, text, chunk);
  EXPECT_EQ(added.names, 2U);
  const auto* engine = mention(chunk, "zorblax engine");
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(text.substr(engine->span.start, engine->span.end - engine->span.start),
            "zorblax engine");
  EXPECT_EQ(engine->key, name_key("zorblax engine"));
  EXPECT_EQ(engine->kind, static_cast<std::uint8_t>(Kind::work));
  EXPECT_EQ(chunk.mentions.front().normal, "zorblax engine") << "in the order of the text";
}

TEST(ModelFacts, PartsOfWordsAndPunctuationAreNoNames) {
  const std::string text = "the zorblax engine hums... and ends.";
  auto chunk = chunk_of(text);
  const auto added = add_model_facts(
      {{{"blax eng", "work"}, {"...", "other"}, {"napoleon", "person"}}, {}}, text, chunk);
  EXPECT_EQ(added.names, 0U);
  EXPECT_TRUE(chunk.mentions.empty());
}

TEST(ModelFacts, ALaterPlaceAsAWholeWordCounts) {
  auto chunk = chunk_of("cart art");
  const auto added = add_model_facts({{{"art", "other"}}, {}}, "cart art", chunk);
  EXPECT_EQ(added.names, 1U);
  EXPECT_EQ(chunk.mentions[0].span.start, 5U);
}

TEST(ModelFacts, TheRulesMentionStays) {
  const std::string text = "Frank Crowe built it.";
  auto chunk = chunk_of(text);
  extract(text, "", {}, chunk);
  const auto before = chunk.mentions.size();
  ASSERT_NE(mention(chunk, "frank crowe"), nullptr);
  const auto added = add_model_facts({{{"Frank Crowe", "person"}}, {}}, text, chunk);
  EXPECT_EQ(added.names, 0U);
  EXPECT_EQ(chunk.mentions.size(), before);
}

TEST(ModelFacts, APartOfALongerNameBecomesAName) {
  const std::string text = "queen ann spoke.";
  auto chunk = chunk_of(text);
  chunk.mentions.push_back({name_key("ann"), "", {6, 9}, 0});
  EXPECT_EQ(add_model_facts({{{"ann", "person"}}, {}}, text, chunk).names, 1U);
  ASSERT_EQ(chunk.mentions.size(), 1U);
  EXPECT_EQ(chunk.mentions[0].normal, "ann");
}

TEST(ModelFacts, RelationsJoinNamesThatAreThere) {
  const std::string text = "the zorblax engine hums. quintana works made it.";
  auto chunk = chunk_of(text);
  const Extraction found{{{"zorblax engine", "work"}, {"quintana works", "organisation"}},
                         {{"zorblax engine", "quintana works", "Made By", "made it"},
                          {"zorblax engine", "quintana works", "made by", "made it"},
                          {"zorblax engine", "napoleon", "made by", "made it"},
                          {"zorblax engine", "quintana works", "sold", "not there"}}};
  EXPECT_EQ(add_model_facts(found, text, chunk).relations, 1U);
  ASSERT_EQ(chunk.relations.size(), 1U);
  EXPECT_EQ(chunk.relations[0].predicate, "made by");
  EXPECT_EQ(chunk.relations[0].span.start, chunk.sentences[1].start) << "the sentence that says so";
}

TEST(WrittenSummaries, AreKnownByTheSentencesTheyStandFor) {
  CommunityInfo community;
  community.sentences = {{"d", "chunk-1", 0, {0, 10}}, {"d", "chunk-2", 1, {5, 20}}};
  const auto key = summary_key(community);
  auto other = community;
  other.id = 7;
  EXPECT_EQ(summary_key(other), key) << "not by its number";
  other.sentences[1].span.end = 21;
  EXPECT_NE(summary_key(other), key);
  WrittenSummaries written;
  EXPECT_EQ(written.find("c", key), "");
  written.keep("c", key, "text");
  written.keep("d", key, "another tenant's");
  EXPECT_EQ(written.find("c", key), "text");
  EXPECT_EQ(written.find("c", summary_key(other)), "");
  written.retain("c", {});
  EXPECT_FALSE(written.has("c", key));
  EXPECT_TRUE(written.has("d", key));
  written.retain_collections({"c"});
  EXPECT_FALSE(written.has("d", key));
}

} // namespace
} // namespace graphrag::entity
