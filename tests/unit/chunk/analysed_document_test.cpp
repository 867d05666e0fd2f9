#include "actors/chunk/analysed_document.hpp"

#include <gtest/gtest.h>

#include <random>

namespace graphrag::chunk {
namespace {

AnalysedChunk full_chunk() {
  AnalysedChunk out;
  out.index = 3, out.start_byte = 100, out.end_byte = 5'000'000, out.start = 99,
  out.end = 4'000'000;
  out.page = 12, out.section = "Ärger > 第二章", out.length = 321;
  out.terms = {{"", 1}, {"alpha", 70'000}, {"京都", 2}};
  out.sentences = {{0, 10}, {10, 4'294'967'295}};
  out.mentions = {{0xffffffffffffffff, "kyoto", {4, 9}, 5}, {7, "", {4, 6}, 0}};
  out.homes = {{9, "kyoto", "Kyōto", 0.75F, 255, {7, 300}, 1951, 2024},
               {8, "sure", "Sure", 1.0F, 0},
               {7, "unsure", "Unsure", 0.0F, 0}};
  out.aliases = {{"a", "b", "A", "B", {1, 2}, 3}};
  out.relations = {{"kyoto", "japan", "is a city in", {0, 44}}};
  return out;
}

TEST(AnalysedDocument, RoundTrip) {
  auto chunk = full_chunk();
  AnalysedChunk back;
  ASSERT_TRUE(unpack(pack(chunk), back));
  EXPECT_EQ(pack(back), pack(chunk));
  EXPECT_EQ(back.index, 3U);
  EXPECT_EQ(back.end_byte, 5'000'000U);
  EXPECT_EQ(back.start, 99U);
  EXPECT_EQ(back.end, 4'000'000U);
  EXPECT_EQ(back.page, 12U);
  EXPECT_EQ(back.section, chunk.section);
  EXPECT_EQ(back.length, 321U);
  ASSERT_EQ(back.terms.size(), 3U);
  EXPECT_EQ(back.terms[1].term, "alpha");
  EXPECT_EQ(back.terms[1].count, 70'000U);
  ASSERT_EQ(back.sentences.size(), 2U);
  EXPECT_EQ(back.sentences[1].end, 4'294'967'295U);
  ASSERT_EQ(back.mentions.size(), 2U);
  EXPECT_EQ(back.mentions[0].key, 0xffffffffffffffffU);
  EXPECT_EQ(back.mentions[0].span.end, 9U);
  EXPECT_EQ(back.mentions[0].kind, 5);
  ASSERT_EQ(back.homes.size(), 3U);
  EXPECT_EQ(back.homes[0].display, "Kyōto");
  EXPECT_EQ(back.homes[0].confidence, 0.75F);
  EXPECT_EQ(back.homes[0].what.start, 7U);
  EXPECT_EQ(back.homes[0].what.end, 300U);
  EXPECT_EQ(back.homes[0].born, 1951);
  EXPECT_EQ(back.homes[0].died, 2024);
  EXPECT_EQ(back.homes[1].confidence, 1.0F);
  EXPECT_EQ(back.homes[1].what.end, 0U);
  ASSERT_EQ(back.aliases.size(), 1U);
  EXPECT_EQ(back.aliases[0].rule, 3);
  EXPECT_EQ(back.aliases[0].display_b, "B");
  ASSERT_EQ(back.relations.size(), 1U);
  EXPECT_EQ(back.relations[0].predicate, "is a city in");
}

// What the first version wrote: a home of five fields, in a chunk with nothing else.
TEST(AnalysedDocument, ReadsWhatTheFirstVersionWrote) {
  std::string old{"\x9f\x01\x00\x00\x00\x00\x00\x00\xa0\x00\x90\x90\x90", 13};
  old += std::string{"\x95\x09\xa5kyoto\xa5Kyoto\x01\x03", 16};
  old += "\x90\x90";
  AnalysedChunk back;
  ASSERT_TRUE(unpack(old, back));
  ASSERT_EQ(back.homes.size(), 1U);
  EXPECT_EQ(back.homes[0].display, "Kyoto");
  EXPECT_EQ(back.homes[0].kind, 3);
  EXPECT_EQ(back.homes[0].what.end, 0U);
  EXPECT_EQ(back.homes[0].born, 0);
}

TEST(AnalysedDocument, EmptyChunkRoundTrip) {
  AnalysedChunk back = full_chunk();
  ASSERT_TRUE(unpack(pack({}), back));
  EXPECT_EQ(pack(back), pack({}));
}

TEST(AnalysedDocument, RefusesForeignBytes) {
  auto good = pack(full_chunk());
  AnalysedChunk out;
  EXPECT_FALSE(unpack("", out));
  EXPECT_FALSE(unpack("{\"terms\":[]}", out));
  EXPECT_FALSE(unpack(good + "x", out)) << "trailing bytes";
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(unpack(good.substr(0, size), out)) << size;
  auto other_version = good;
  other_version[1] = 3;
  EXPECT_FALSE(unpack(other_version, out));
  EXPECT_TRUE(out.terms.empty()) << "left empty";
  EXPECT_FALSE(unpack(std::string("\xdd\xff\xff\xff\xff", 5), out)) << "an array of four billion";
  EXPECT_FALSE(unpack(std::string(100'000, '\x91'), out)) << "a hundred thousand deep";
}

TEST(AnalysedDocument, SurvivesDamagedBytes) {
  auto good = pack(full_chunk());
  std::mt19937 random{3};
  for (int i = 0; i < 20'000; ++i) {
    auto bad = good;
    for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips)
      bad[random() % bad.size()] = static_cast<char>(random());
    AnalysedChunk out;
    if (!unpack(bad, out)) continue;
    ASSERT_TRUE(unpack(pack(out), out)) << "what was accepted is well formed";
  }
}

} // namespace
} // namespace graphrag::chunk
