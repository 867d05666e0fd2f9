#include "actors/document/parse_codec.hpp"

#include <random>

#include <gtest/gtest.h>
#include <msgpack.hpp>

namespace graphrag::document {
namespace {

ParsedDocument sample() {
  ParsedDocument document;
  document.text = "标题\n正文 text";
  document.title = "标题";
  document.mime = "application/pdf";
  document.pages = 3;
  document.blocks = {{BlockKind::heading, 1, 1, 0, 6}, {BlockKind::paragraph, 0, 2, 7, 18}};
  document.properties = {{"author", "王"}, {"date", "2024-01-01"}};
  return document;
}

std::optional<Result<ParsedDocument>> decoded(const ParsedDocument& document) {
  return decode_answer(encode_answer(document), {});
}

TEST(ParseCodec, CarriesARequestWithoutCopyingItsBytes) {
  const std::string bytes("\0binary\xff", 8);
  formats::Limits limits;
  limits.max_pages = 7;
  limits.max_part_bytes = 1ULL << 40;
  const std::string message =
      encode_request_head({bytes, "名 1.pdf", "application/pdf", limits}) + bytes;
  const auto request = decode_request(message);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->bytes, bytes);
  EXPECT_EQ(request->filename, "名 1.pdf");
  EXPECT_EQ(request->declared_mime, "application/pdf");
  EXPECT_EQ(request->limits.max_pages, 7U);
  EXPECT_EQ(request->limits.max_part_bytes, 1ULL << 40);
  EXPECT_EQ(request->limits.max_depth, limits.max_depth);
  EXPECT_EQ(request->bytes.data(), message.data() + message.size() - bytes.size());
}

TEST(ParseCodec, RefusesWhatIsNoRequest) {
  const std::string message = encode_request_head({"abc", "f", "m", {}}) + "abc";
  for (std::size_t cut = 0; cut < message.size(); ++cut)
    EXPECT_FALSE(decode_request(std::string_view(message).substr(0, cut))) << cut;
  EXPECT_FALSE(decode_request("\xc0"));
}

TEST(ParseCodec, CarriesADocument) {
  const auto answer = decoded(sample());
  ASSERT_TRUE(answer && *answer);
  const ParsedDocument& back = **answer;
  EXPECT_EQ(back.text, sample().text);
  EXPECT_EQ(back.title, sample().title);
  EXPECT_EQ(back.mime, sample().mime);
  EXPECT_EQ(back.pages, 3U);
  EXPECT_EQ(back.properties, sample().properties);
  ASSERT_EQ(back.blocks.size(), 2U);
  EXPECT_EQ(back.blocks[0].kind, BlockKind::heading);
  EXPECT_EQ(back.blocks[0].level, 1);
  EXPECT_EQ(back.blocks[1].page, 2U);
  EXPECT_EQ(back.blocks[1].start, 7U);
  EXPECT_EQ(back.blocks[1].end, 18U);
  EXPECT_TRUE(decoded(ParsedDocument{}));
}

TEST(ParseCodec, CarriesAnError) {
  const auto answer =
      decode_answer(encode_answer(tl::unexpected(Error{Errc::encrypted, "needs a password"})), {});
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().code, Errc::encrypted);
  EXPECT_EQ(answer->error().detail, "needs a password");
}

TEST(ParseCodec, CutsOddlyLongPropertiesInsteadOfFailing) {
  auto document = sample();
  document.title.assign(100'000, 'a');
  document.properties.assign(5'000, {"to", "x"});
  document.properties[0].second.assign(70'000, 'x');
  const auto answer = decoded(document);
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->title.size(), 64U << 10);
  EXPECT_EQ((*answer)->properties.size(), 4096U);
}

TEST(ParseCodec, RefusesBlocksThatDoNotLieOnTheText) {
  const auto with = [](std::vector<Block> blocks) {
    auto document = sample();
    document.blocks = std::move(blocks);
    return decoded(document).has_value();
  };
  EXPECT_TRUE(with({{BlockKind::caption, 6, 0, 0, 18}}));
  EXPECT_FALSE(with({{BlockKind::paragraph, 0, 0, 0, 19}}));     // beyond the text
  EXPECT_FALSE(with({{BlockKind::paragraph, 0, 0, 7, 6}}));      // backwards
  EXPECT_FALSE(with({{BlockKind::paragraph, 0, 0, 1, 6}}));      // inside a character
  EXPECT_FALSE(with({{BlockKind::paragraph, 0, 0, 0, 4}}));      // ends inside one
  EXPECT_FALSE(with({{BlockKind::heading, 7, 0, 0, 6}}));        // no such level
  EXPECT_FALSE(with({{static_cast<BlockKind>(6), 0, 0, 0, 6}})); // no such kind
  EXPECT_FALSE(with({{BlockKind::paragraph, 0, 0, 0, 7}, {BlockKind::paragraph, 0, 0, 6, 18}}));
}

TEST(ParseCodec, RefusesTextThatBreaksItsContract) {
  const auto with = [](std::string text) {
    ParsedDocument document;
    document.text = std::move(text);
    return decoded(document).has_value();
  };
  EXPECT_TRUE(with("plain ascii, long enough for the fast path"));
  EXPECT_FALSE(with("long enough for the fast path \xff and on"));
  EXPECT_FALSE(with("cut \xe4\xbd"));
  EXPECT_FALSE(with("surrogate \xed\xa0\x80"));
  EXPECT_FALSE(with(std::string("nul \0 inside", 12)));
  formats::Limits limits;
  limits.max_text_bytes = 3;
  ParsedDocument document;
  document.text = "four";
  EXPECT_FALSE(decode_answer(encode_answer(document), limits));
}

TEST(ParseCodec, RefusesErrorsThatAParserCannotHave) {
  const auto with = [](Errc code, std::string detail) {
    return decode_answer(encode_answer(tl::unexpected(Error{code, std::move(detail)})), {})
        .has_value();
  };
  EXPECT_TRUE(with(Errc::archive_bomb, "expands too much"));
  EXPECT_FALSE(with(Errc::parser_crashed, "no"));
  EXPECT_FALSE(with(static_cast<Errc>(200), "no"));
  EXPECT_FALSE(with(Errc::corrupt, "two\nlines"));
  EXPECT_FALSE(with(Errc::corrupt, "\xff"));
}

TEST(ParseCodec, BuildsNothingLargeFromHostileMessages) {
  const auto refused = [](std::string_view message) { return !decode_answer(message, {}); };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("\x93\x01\x00")); // three of two
  EXPECT_TRUE(refused(std::string_view("\xdd\xff\xff\xff\xff", 5)));
  EXPECT_TRUE(refused(std::string(1'000'000, '\x91'))); // arrays in arrays
  EXPECT_TRUE(refused(std::string("\x94\x01\x00\x81\xa1k\xa1v\x00", 10)));
  EXPECT_TRUE(refused(encode_answer(sample()) + "x"));
}

TEST(ParseCodec, SurvivesEveryCutAndManyFlips) {
  const std::string good = encode_answer(sample());
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    EXPECT_FALSE(decode_answer(std::string_view(good).substr(0, cut), {})) << cut;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = good;
    for (int flips = 0; flips < 3; ++flips)
      bad[random() % bad.size()] = static_cast<char>(random());
    const auto answer = decode_answer(bad, {}); // must not crash; what passes keeps the contract
    if (!answer || !*answer) continue;
    for (const Block& block : (*answer)->blocks) ASSERT_LE(block.end, (*answer)->text.size());
  }
}

} // namespace
} // namespace graphrag::document
