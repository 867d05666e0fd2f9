#pragma once
// What the tests of the formats share: parsing with small words and checks of every document.
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unicode/normalizer2.h>
#include <unicode/utf8.h>
#include <vector>

#include "actors/document/formats/parse.hpp"
#include "actors/document/formats/sniff.hpp"

namespace graphrag::document::formats {

// The promises of parsed_document.hpp that hold for every document.
inline void expect_well_formed(const ParsedDocument& document) {
  const auto& text = document.text;
  std::int32_t at = 0;
  const auto size = static_cast<std::int32_t>(text.size());
  while (at < size) {
    UChar32 c;
    U8_NEXT(text.data(), at, size, c);
    ASSERT_GE(c, 0) << "invalid UTF-8 before byte " << at;
    ASSERT_TRUE(c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f)) << "control before byte " << at;
  }
  UErrorCode status = U_ZERO_ERROR;
  EXPECT_TRUE(icu::Normalizer2::getNFCInstance(status)->isNormalizedUTF8(text, status));
  EXPECT_EQ(text.find("\n\n\n"), text.npos);
  EXPECT_FALSE(document.mime.empty());
  std::uint32_t last = 0;
  for (const auto& block : document.blocks) {
    ASSERT_LE(last, block.start);
    ASSERT_LT(block.start, block.end);
    ASSERT_LE(block.end, text.size());
    EXPECT_NE(static_cast<unsigned char>(text[block.start]) & 0xc0, 0x80);
    last = block.end;
  }
}

inline ParsedDocument parse_ok(std::string_view bytes, std::string_view name,
                               std::string_view mime = {}, const Limits& limits = {}) {
  auto parsed = parse(bytes, name, mime, limits);
  if (!parsed) {
    ADD_FAILURE() << name << ": " << to_string(parsed.error().code) << ", "
                  << parsed.error().detail;
    return {};
  }
  expect_well_formed(*parsed);
  return std::move(*parsed);
}

// The code of the refusal; "ok" when the document was read.
inline std::string refusal(std::string_view bytes, std::string_view name,
                           std::string_view mime = {}, const Limits& limits = {}) {
  const auto parsed = parse(bytes, name, mime, limits);
  if (parsed) expect_well_formed(*parsed);
  return parsed ? "ok" : std::string(to_string(parsed.error().code));
}

inline std::vector<std::string> blocks(const ParsedDocument& document, BlockKind kind) {
  std::vector<std::string> found;
  for (const auto& block : document.blocks)
    if (block.kind == kind)
      found.push_back(document.text.substr(block.start, block.end - block.start));
  return found;
}

inline std::string repeat(std::string_view piece, std::size_t times) {
  std::string all;
  all.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += piece;
  return all;
}

} // namespace graphrag::document::formats
