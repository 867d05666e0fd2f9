#include "gateway/http/chunk_decoder.hpp"

#include <gtest/gtest.h>

namespace graphrag::gateway {
namespace {

struct Outcome {
  bool done = false;
  std::string code; // of a refusal
  std::string data;
  std::size_t used = 0;
};

// Feeds `raw` in pieces of `step` bytes.
Outcome decode(std::string_view raw, std::size_t step, ChunkLimits limits = {}) {
  ChunkDecoder decoder{limits};
  Outcome out;
  for (std::size_t at = 0; at < raw.size(); at += step) {
    auto piece = raw.substr(at, step);
    while (true) {
      const auto result = decoder.feed(piece);
      out.used += result.used;
      piece.remove_prefix(result.used);
      if (result.event == ChunkDecoder::Event::data) {
        out.data += result.data;
        continue;
      }
      if (result.event == ChunkDecoder::Event::bad) out.code = decoder.refusal().code;
      if (result.event == ChunkDecoder::Event::done) out.done = true;
      if (result.event != ChunkDecoder::Event::need_more) return out;
      break;
    }
  }
  return out;
}

Outcome decode_every_way(std::string_view raw, ChunkLimits limits = {}) {
  const auto whole = decode(raw, raw.size(), limits);
  for (std::size_t step = 1; step < raw.size(); ++step) {
    const auto split = decode(raw, step, limits);
    EXPECT_EQ(split.done, whole.done) << step;
    EXPECT_EQ(split.code, whole.code) << step;
    EXPECT_EQ(split.data, whole.data) << step;
  }
  return whole;
}

TEST(ChunkDecoder, JoinsTheChunksAndLeavesTheNextRequest) {
  const std::string_view raw =
      "4\r\nWiki\r\n6;a=b;c=\"d;\\\"e\"\r\npedia \r\nB\r\nin \r\nchunks\r\n0\r\n\r\nGET";
  const auto out = decode_every_way(raw);
  EXPECT_TRUE(out.done);
  EXPECT_EQ(out.data, "Wikipedia in \r\nchunks");
  EXPECT_EQ(out.used, raw.size() - 3);
}

TEST(ChunkDecoder, AcceptsTrailersAndUpperAndLowerCaseSizes) {
  EXPECT_EQ(
      decode_every_way("a\r\n0123456789\r\n0A\r\n0123456789\r\n000\r\nX-Sum: 1\r\nY: 2\r\n\r\n")
          .data,
      "01234567890123456789");
}

struct Bad {
  const char* name;
  std::string raw;
};
class BadChunks : public testing::TestWithParam<Bad> {};

TEST_P(BadChunks, AreRefused) {
  const auto out = decode_every_way(GetParam().raw);
  EXPECT_FALSE(out.done);
  EXPECT_NE(out.code, "") << GetParam().raw;
}

using namespace std::string_literals;

INSTANTIATE_TEST_SUITE_P(
    Corpus, BadChunks,
    testing::Values(
        Bad{"plus", "+4\r\nWiki\r\n0\r\n\r\n"}, Bad{"minus", "-4\r\nWiki\r\n0\r\n\r\n"},
        Bad{"hex_prefix", "0x4\r\nWiki\r\n0\r\n\r\n"},
        Bad{"leading_space", " 4\r\nWiki\r\n0\r\n\r\n"},
        Bad{"trailing_space", "4 \r\nWiki\r\n0\r\n\r\n"}, Bad{"tab", "4\t\r\nWiki\r\n0\r\n\r\n"},
        Bad{"empty_size", "\r\nWiki\r\n0\r\n\r\n"},
        Bad{"only_extension", ";a\r\nWiki\r\n0\r\n\r\n"},
        Bad{"overflow", "10000000000000004\r\nWiki\r\n0\r\n\r\n"},
        Bad{"overflow_64", "FFFFFFFFFFFFFFFF\r\nWiki\r\n0\r\n\r\n"},
        Bad{"bare_lf_size", "4\nWiki\r\n0\r\n\r\n"}, Bad{"bare_lf_data", "4\r\nWiki\n0\r\n\r\n"},
        Bad{"bare_lf_last", "4\r\nWiki\r\n0\n\n"}, Bad{"bare_lf_end", "4\r\nWiki\r\n0\r\n\n"},
        Bad{"bare_cr", "4\rX\nWiki\r\n0\r\n\r\n"},
        Bad{"too_long_data", "4\r\nWikipedia\r\n0\r\n\r\n"},
        Bad{"too_short_data", "5\r\nWiki\r\n0\r\n\r\n"}, Bad{"nul", "4\0\r\nWiki\r\n0\r\n\r\n"s},
        Bad{"extension_without_name", "4;\r\nWiki\r\n0\r\n\r\n"},
        Bad{"extension_spaces", "4 ; a = b\r\nWiki\r\n0\r\n\r\n"},
        Bad{"extension_open_quote", "4;a=\"b\r\nWiki\r\n0\r\n\r\n"},
        Bad{"extension_lf_inside", "4;a\nb\r\nWiki\r\n0\r\n\r\n"},
        Bad{"extension_too_long", "4;a=" + std::string(300, 'b') + "\r\nWiki\r\n0\r\n\r\n"},
        Bad{"trailer_without_colon", "0\r\nX\r\n\r\n"},
        Bad{"trailer_folded", "0\r\nX: 1\r\n 2\r\n\r\n"},
        Bad{"trailer_space", "0\r\nX : 1\r\n\r\n"},
        Bad{"trailer_length", "0\r\nContent-Length: 5\r\n\r\n"},
        Bad{"trailer_encoding", "0\r\ntransfer-encoding: chunked\r\n\r\n"},
        Bad{"trailer_host", "0\r\nHost: b\r\n\r\n"}, Bad{"comma", "4,4\r\nWiki\r\n0\r\n\r\n"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ChunkDecoder, LimitsTrailersAndAllExtensionsTogether) {
  ChunkLimits limits;
  limits.max_trailers = 2;
  EXPECT_TRUE(decode("0\r\nA: 1\r\nB: 1\r\n\r\n", 100, limits).done);
  EXPECT_EQ(decode("0\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n", 100, limits).code, "trailers_too_large");
  limits.max_extensions = 6;
  EXPECT_TRUE(decode("1;ab\r\nx\r\n1;cd\r\ny\r\n0\r\n\r\n", 100, limits).done);
  EXPECT_EQ(decode("1;ab\r\nx\r\n1;cde\r\ny\r\n0\r\n\r\n", 100, limits).code,
            "chunk_extensions_too_long");
}

} // namespace
} // namespace graphrag::gateway
