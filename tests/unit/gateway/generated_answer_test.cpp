#include "gateway/routes/generated_answer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace graphrag::gateway {
namespace {

using Numbers = std::vector<std::size_t>;

TEST(CitedSources, InEveryFormEachOnceInOrder) {
  EXPECT_EQ(cited_sources("It is so [2]. And so [1][2].", 3), (Numbers{2, 1}));
  EXPECT_EQ(cited_sources("[1, 3] and [2-3]", 3), (Numbers{1, 3, 2}));
  EXPECT_EQ(cited_sources("", 3), Numbers{});
  EXPECT_EQ(cited_sources("no [citation] here [", 3), Numbers{});
}

TEST(CitedSources, NumbersOfNoSourceAreLeftOut) {
  EXPECT_EQ(cited_sources("[0] [4] [99999] [3-99999] [2-1]", 3), Numbers{3});
  EXPECT_EQ(cited_sources("[1]", 0), Numbers{});
}

std::vector<query::Hit> hits(std::size_t count) {
  std::vector<query::Hit> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i].document_id = "d" + std::to_string(i + 1);
    out[i].text = "text";
    out[i].start = static_cast<std::uint32_t>(i);
    out[i].end = out[i].start + 4;
  }
  return out;
}

TEST(SourcesOf, TheBestFewWithTheirPlace) {
  auto found = hits(20);
  found[0].title = "Title";
  found[0].section = "Section";
  found[1].title = "Title";
  const auto sources = sources_of(found);
  ASSERT_EQ(sources.size(), max_sources);
  EXPECT_EQ(sources[0], "Title > Section\ntext");
  EXPECT_EQ(sources[1], "Title\ntext");
  EXPECT_EQ(sources[2], "text");
}

TEST(GeneratedAnswer, CitesThePassagesBehindTheNumbers) {
  auto found = hits(3);
  found[1].page = 7;
  const auto answer = generated_answer_json("So [2], and [1].", found);
  EXPECT_EQ(answer["generated"], true);
  ASSERT_EQ(answer["citations"].size(), 2U);
  EXPECT_EQ(answer["citations"][0]["document_id"], "d2");
  EXPECT_EQ(answer["citations"][0]["source"], 2);
  EXPECT_EQ(answer["citations"][0]["page"], 7);
  EXPECT_EQ(answer["citations"][1]["end"], 4);
}

} // namespace
} // namespace graphrag::gateway
