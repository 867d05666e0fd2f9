#include "actors/entity/communities/community_summary.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>

#include <algorithm>
#include <random>
#include <set>

#include "actors/entity/communities/global_ranking.hpp"

namespace graphrag::entity {
namespace {

SummarySentence sentence(const std::string& text, std::vector<std::uint64_t> keys,
                         std::vector<std::uint64_t> homes = {}, const std::string& document = "d",
                         std::uint32_t start = 0) {
  return {text,
          document,
          document + "#0",
          start,
          start + static_cast<std::uint32_t>(text.size()),
          std::move(keys),
          std::move(homes)};
}

const std::vector<SummaryEntity> entities = {
    {3, "Paris", 2}, {1, "Marie Curie", 9}, {2, "Radium", 5}, {4, "Warsaw", 2}};

std::vector<std::string> texts(const CommunitySummary& summary) {
  std::vector<std::string> all;
  for (const auto& each : summary.sentences) all.push_back(each.text);
  return all;
}

TEST(CommunitySummary, is_titled_by_its_most_central_names) {
  const auto summary = summarise(entities, {});
  EXPECT_EQ(summary.title, "Marie Curie, Radium, Paris");
  EXPECT_TRUE(summary.sentences.empty());
}

TEST(CommunitySummary, says_first_what_the_central_entity_is) {
  const std::vector<SummarySentence> all = {
      sentence("In Paris the snow of that winter lay for weeks.", {3}),
      sentence("Later Marie Curie worked upon Radium for years.", {1, 2}),
      sentence("Marie Curie was a physicist born in Warsaw.", {1, 4}, {1}),
  };
  const auto summary = summarise(entities, all);
  ASSERT_EQ(summary.sentences.size(), 3U);
  EXPECT_EQ(summary.sentences[0].text, all[2].text);
}

TEST(CommunitySummary, prefers_what_has_not_been_said) {
  const std::vector<SummarySentence> all = {
      sentence("Marie Curie discovered the element Radium in a shed.", {1, 2}, {}, "a"),
      sentence("Marie Curie discovered the element Radium in an old shed.", {1, 2}, {}, "b"),
      sentence("Trains went from Warsaw to Paris on every second day.", {3, 4}, {}, "c"),
  };
  SummaryOptions options;
  options.sentences = 2;
  EXPECT_EQ(texts(summarise(entities, all, options)),
            (std::vector<std::string>{all[0].text, all[2].text}));
}

TEST(CommunitySummary, never_repeats_the_same_words) {
  const std::vector<SummarySentence> all = {
      sentence("Marie Curie discovered the element Radium.", {1, 2}, {}, "a"),
      sentence("Marie Curie discovered the element Radium!", {1, 2}, {}, "b"),
      sentence("Marie Curie discovered the element Radium.", {1, 2}, {}, "c"),
  };
  const auto summary = summarise(entities, all);
  ASSERT_EQ(summary.sentences.size(), 1U);
  EXPECT_EQ(summary.sentences[0].document_id, "a");
}

TEST(CommunitySummary, keeps_within_its_bounds_and_cites_every_sentence) {
  std::vector<SummarySentence> all;
  std::mt19937_64 random{4};
  for (std::uint32_t i = 0; i < 300; ++i) {
    std::string text = "Sentence " + std::to_string(i);
    const auto words = random() % 120;
    for (std::uint64_t word = 0; word < words; ++word)
      text += " w" + std::to_string(random() % 500);
    all.push_back(sentence(text, {1 + random() % 6}, {}, "d" + std::to_string(i), i * 7));
  }
  SummaryOptions options;
  options.total_chars = 700;
  const auto summary = summarise(entities, all, options);
  std::size_t size = 0;
  std::set<std::string> documents;
  EXPECT_LE(summary.sentences.size(), options.sentences);
  EXPECT_GE(summary.sentences.size(), 2U);
  for (const auto& each : summary.sentences) {
    size += each.text.size();
    EXPECT_GE(each.text.size(), options.least_chars);
    EXPECT_LE(each.text.size(), options.most_chars);
    EXPECT_LE(each.keys[0], 4U) << "names nothing of the community";
    EXPECT_EQ(each.chunk_id, each.document_id + "#0");
    EXPECT_EQ(each.end - each.start, each.text.size());
    EXPECT_TRUE(documents.insert(each.document_id).second);
  }
  EXPECT_LE(size, options.total_chars);
  // The same whatever the order of the evidence.
  auto shuffled = all;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  auto other = entities;
  std::reverse(other.begin(), other.end());
  EXPECT_EQ(texts(summarise(other, shuffled, options)), texts(summary));
}

// A number for each word.
std::uint32_t term(const std::string& word) {
  static std::map<std::string, std::uint32_t> numbers;
  return numbers.try_emplace(word, numbers.size()).first->second;
}

RankedSummary ranked(std::uint64_t id, std::uint32_t level, std::size_t members,
                     const std::vector<std::string>& words) {
  static std::deque<std::vector<WeightedTerm>> kept; // summaries only point to their terms
  auto& all = kept.emplace_back();
  for (const auto& word : words) all.push_back({term(word), 1});
  std::sort(all.begin(), all.end(), [](auto a, auto b) { return a.term < b.term; });
  return {id, level, members, all, static_cast<double>(words.size())};
}

std::vector<std::uint64_t> ids(const std::vector<RankedCommunity>& all) {
  std::vector<std::uint64_t> result;
  for (const auto& each : all) result.push_back(each.community);
  return result;
}

const std::vector<RankedSummary> summaries = {
    ranked(1, 1, 90, {"river", "dam", "power"}), ranked(2, 1, 200, {"war", "treaty", "king"}),
    ranked(3, 0, 20, {"dam", "engineer"}),       ranked(4, 0, 5, {"dam", "engineer"}),
    ranked(5, 0, 40, {"king", "crown"}),
};

TEST(GlobalRanking, a_question_without_terms_gets_the_largest_of_the_top_level) {
  EXPECT_EQ(ids(global_ranking({}, summaries, 5)), (std::vector<std::uint64_t>{2, 1}));
  const std::vector<WeightedTerm> strange{{term("theme"), 1}};
  EXPECT_EQ(ids(global_ranking(strange, summaries, 1)), std::vector<std::uint64_t>{2});
}

TEST(GlobalRanking, terms_choose_and_size_decides_between_equals) {
  const std::vector<WeightedTerm> question{{term("engineer"), 1}, {term("dam"), 1}};
  EXPECT_EQ(ids(global_ranking(question, summaries, 2)), (std::vector<std::uint64_t>{3, 4}));
  const std::vector<WeightedTerm> king{{term("king"), 1}};
  EXPECT_EQ(ids(global_ranking(king, summaries, 9)), (std::vector<std::uint64_t>{2, 5}));
}

TEST(GlobalRanking, nothing_to_choose_from) {
  EXPECT_TRUE(global_ranking({}, {}, 3).empty());
  EXPECT_TRUE(global_ranking(std::vector<WeightedTerm>{{term("dam"), 1}}, {}, 3).empty());
  EXPECT_TRUE(global_ranking({}, summaries, 0).empty());
}

} // namespace
} // namespace graphrag::entity
