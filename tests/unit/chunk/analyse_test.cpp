#include <gtest/gtest.h>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/characters.hpp"

namespace graphrag::chunk {
namespace {

using document::Block;
using document::BlockKind;
using document::ParsedDocument;

// Builds a document block by block, with a blank line between.
struct Builder {
  ParsedDocument document;
  Builder& add(BlockKind kind, const std::string& text, std::uint8_t level = 0,
               std::uint32_t page = 0) {
    if (!document.text.empty()) document.text += "\n\n";
    Block block{kind, level, page, static_cast<std::uint32_t>(document.text.size()), 0};
    document.text += text;
    block.end = static_cast<std::uint32_t>(document.text.size());
    document.blocks.push_back(block);
    return *this;
  }
};

std::string repeat(const std::string& sentence, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += (i > 0 ? " " : "") + sentence + std::to_string(i) + ".";
  return text;
}

std::string_view slice(std::string_view text, Span span) {
  return text.substr(span.start, span.end - span.start);
}
std::string_view text_of(const ParsedDocument& document, const AnalysedChunk& chunk) {
  return slice(document.text, {chunk.start_byte, chunk.end_byte});
}

void expect_consistent(const ParsedDocument& document, const AnalysedDocument& result,
                       const ChunkingOptions& options) {
  std::uint32_t last_end = 0;
  for (std::size_t i = 0; i < result.chunks.size(); ++i) {
    const auto& chunk = result.chunks[i];
    EXPECT_EQ(chunk.index, i);
    ASSERT_LE(chunk.end_byte, document.text.size());
    ASSERT_LT(chunk.start_byte, chunk.end_byte);
    const auto before = std::string_view{document.text}.substr(0, chunk.start_byte);
    EXPECT_EQ(chunk.start, count_code_points(before));
    EXPECT_EQ(chunk.end - chunk.start, count_code_points(text_of(document, chunk)));
    EXPECT_LE(chunk.end - chunk.start, options.max_chars);
    EXPECT_GT(chunk.end_byte, last_end) << "every chunk goes further than the one before";
    // Nothing but white space is left out between chunks.
    if (chunk.start_byte > last_end) {
      EXPECT_EQ(
          document.text.substr(last_end, chunk.start_byte - last_end).find_first_not_of(" \n\t\r"),
          std::string::npos);
    }
    last_end = chunk.end_byte;
    for (const auto& sentence : chunk.sentences)
      EXPECT_LE(sentence.end, chunk.end_byte - chunk.start_byte);
    EXPECT_TRUE(std::is_sorted(chunk.terms.begin(), chunk.terms.end(),
                               [](const auto& a, const auto& b) { return a.term < b.term; }));
    std::uint32_t total = 0;
    for (const auto& term : chunk.terms) total += term.count;
    EXPECT_EQ(total, chunk.length);
  }
}

std::uint32_t count_of(const AnalysedChunk& chunk, std::string_view term) {
  for (const auto& known : chunk.terms)
    if (known.term == term) return known.count;
  return 0;
}

TEST(Analyse, a_short_text_is_one_chunk_with_its_title_counted) {
  ParsedDocument document;
  document.text = "Runmarö is an island. It lies in Sweden.";
  const auto result = analyse(document, "Runmarö");
  ASSERT_EQ(result.chunks.size(), 1U);
  const auto& chunk = result.chunks[0];
  expect_consistent(document, result, {});
  EXPECT_EQ(text_of(document, chunk), document.text);
  EXPECT_EQ(chunk.sentences.size(), 2U);
  EXPECT_EQ(count_of(chunk, "runmaro"), 2U);
  EXPECT_EQ(chunk.length, 9U);
  EXPECT_GE(result.entity_count, 2U);
}

TEST(Analyse, white_space_alone_is_found_by_its_title_only) {
  ParsedDocument document;
  document.text = " \n ";
  EXPECT_TRUE(analyse(document, "").chunks.empty());
  const auto result = analyse(document, "Lost Title");
  ASSERT_EQ(result.chunks.size(), 1U);
  EXPECT_EQ(result.chunks[0].length, 2U);
}

TEST(Analyse, chunks_overlap_by_whole_sentences) {
  Builder builder;
  builder.add(BlockKind::paragraph, repeat("This sentence says a little about the number ", 120));
  const auto result = analyse(builder.document, "");
  expect_consistent(builder.document, result, {});
  ASSERT_GT(result.chunks.size(), 3U);
  for (std::size_t i = 1; i < result.chunks.size(); ++i) {
    const auto& before = result.chunks[i - 1];
    const auto& chunk = result.chunks[i];
    EXPECT_LT(chunk.start_byte, before.end_byte);
    EXPECT_LE(before.end - chunk.start, 150U);
    EXPECT_TRUE(text_of(builder.document, chunk).starts_with("This sentence"));
    EXPECT_TRUE(text_of(builder.document, chunk).ends_with("."));
  }
}

TEST(Analyse, headings_open_chunks_and_give_the_section) {
  Builder builder;
  const auto body = repeat("Body text of some length for this section ", 30);
  builder.add(BlockKind::heading, "Manual", 1).add(BlockKind::paragraph, body);
  builder.add(BlockKind::heading, "Safety", 2).add(BlockKind::paragraph, body);
  builder.add(BlockKind::heading, "Storage", 1).add(BlockKind::paragraph, body);
  const auto result = analyse(builder.document, "");
  expect_consistent(builder.document, result, {});
  std::vector<std::string> opened;
  for (const auto& chunk : result.chunks) {
    const auto text = text_of(builder.document, chunk);
    if (!text.starts_with("Body")) opened.emplace_back(text.substr(0, text.find('\n')));
    if (text.starts_with("Safety")) {
      EXPECT_EQ(chunk.section, "Manual > Safety");
      EXPECT_GE(count_of(chunk, "safeti"), 2U) << "in the text and as its section";
      EXPECT_EQ(count_of(chunk, "manual"), 1U);
    }
    if (text.starts_with("Storage")) {
      EXPECT_EQ(chunk.section, "Storage");
    }
  }
  EXPECT_EQ(opened, (std::vector<std::string>{"Manual", "Safety", "Storage"}));
}

TEST(Analyse, pages_come_from_the_blocks) {
  Builder builder;
  for (std::uint32_t page = 1; page <= 3; ++page)
    builder.add(BlockKind::paragraph,
                repeat("Words on page " + std::to_string(page) + " number ", 50), 0, page);
  const auto result = analyse(builder.document, "");
  EXPECT_EQ(result.chunks.front().page, 1U);
  EXPECT_EQ(result.chunks.back().page, 3U);
}

TEST(Analyse, a_sentence_longer_than_a_chunk_is_cut_at_white_space) {
  Builder builder;
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "wörd" + std::to_string(i) + " ";
  builder.add(BlockKind::paragraph, text);
  const auto result = analyse(builder.document, "");
  expect_consistent(builder.document, result, {});
  for (const auto& chunk : result.chunks)
    EXPECT_TRUE(text_of(builder.document, chunk).starts_with("wörd"));
}

TEST(Analyse, text_outside_of_blocks_is_not_lost) {
  ParsedDocument document;
  document.text = "Before the block. Inside it. After the block.";
  document.blocks.push_back({BlockKind::paragraph, 0, 0, 18, 28});
  const auto result = analyse(document, "");
  ASSERT_EQ(result.chunks.size(), 1U);
  EXPECT_EQ(result.chunks[0].sentences.size(), 3U);
}

TEST(Analyse, blocks_that_lie_wrongly_do_no_harm) {
  ParsedDocument document;
  document.text = "Some text here.";
  document.blocks.push_back({BlockKind::heading, 9, 0, 10, 4});
  document.blocks.push_back({BlockKind::paragraph, 0, 0, 2, 4'000'000});
  const auto result = analyse(document, "");
  ASSERT_EQ(result.chunks.size(), 1U);
  EXPECT_EQ(text_of(document, result.chunks[0]), document.text);
}

TEST(Analyse, ten_megabytes_without_a_space) {
  ParsedDocument document;
  document.text = std::string(10'000'000, 'x');
  const auto result = analyse(document, "");
  EXPECT_NEAR(static_cast<double>(result.chunks.size()), 10e6 / 1800, 2.0);
  EXPECT_EQ(result.chunks.back().end_byte, 10'000'000U);
}

TEST(Analyse, a_million_lines_of_one_character) {
  ParsedDocument document;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    document.text += "a\n";
    document.blocks.push_back({BlockKind::paragraph, 0, 0, 2 * i, 2 * i + 1});
  }
  const auto result = analyse(document, "");
  EXPECT_GT(result.chunks.size(), 1000U);
  EXPECT_EQ(result.chunks.back().end_byte, 1'999'999U);
}

TEST(Analyse, a_million_headings) {
  ParsedDocument document;
  for (std::uint32_t i = 0; i < 300'000; ++i) {
    document.text += "H\n";
    document.blocks.push_back(
        {BlockKind::heading, static_cast<std::uint8_t>(i % 7), 0, 2 * i, 2 * i + 1});
  }
  const auto result = analyse(document, "");
  expect_consistent(document, result, {});
}

TEST(Analyse, the_same_text_gives_the_same_facts) {
  Builder builder;
  builder.add(BlockKind::paragraph,
              repeat("Ada Lovelace met Charles Babbage in London for the time ", 60));
  const auto a = analyse(builder.document, "History");
  const auto b = analyse(builder.document, "History");
  ASSERT_EQ(a.chunks.size(), b.chunks.size());
  for (std::size_t i = 0; i < a.chunks.size(); ++i) {
    EXPECT_EQ(a.chunks[i].mentions.size(), b.chunks[i].mentions.size());
    EXPECT_EQ(a.chunks[i].relations.size(), b.chunks[i].relations.size());
    EXPECT_EQ(a.chunks[i].start, b.chunks[i].start);
  }
}

} // namespace
} // namespace graphrag::chunk
