#include "runtime/config/values.hpp"

#include <gtest/gtest.h>

namespace graphrag::runtime {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

TEST(ConfigValues, Sizes) {
  const auto size = [](const char* text) { return parse_size(text, 0, most); };
  EXPECT_EQ(size("0"), 0U);
  EXPECT_EQ(size("17"), 17U);
  EXPECT_EQ(size("1KiB"), 1024U);
  EXPECT_EQ(size("256MiB"), 256ULL << 20);
  EXPECT_EQ(size("256 MiB"), 256ULL << 20);
  EXPECT_EQ(size("2GB"), 2'000'000'000U);
  EXPECT_EQ(size("16777215TiB"), 16777215ULL << 40);
  for (const char* wrong :
       {"", "MiB", "-1", "1.5GiB", "1mb", "1K", "0x10", "16777216TiB", "1 MiB x"})
    EXPECT_FALSE(size(wrong)) << wrong;
  EXPECT_EQ(parse_size("1KiB", 2048, 1 << 20).error(), "must be between 2KiB and 1MiB");
}

TEST(ConfigValues, Durations) {
  const auto duration = [](const char* text) {
    return parse_duration(text, Milliseconds(0), Milliseconds(86'400'000));
  };
  EXPECT_EQ(duration("500ms"), Milliseconds(500));
  EXPECT_EQ(duration("30s"), Milliseconds(30'000));
  EXPECT_EQ(duration("5m"), Milliseconds(300'000));
  EXPECT_EQ(duration("24h"), Milliseconds(86'400'000));
  for (const char* wrong : {"", "30", "s", "-1s", "1.5s", "1d", "25h", "99999999999999999999h"})
    EXPECT_FALSE(duration(wrong)) << wrong;
  EXPECT_EQ(parse_duration("1s", Milliseconds(2'000), Milliseconds(90'000)).error(),
            "must be between 2s and 90s");
}

TEST(ConfigValues, WrittenFormsAreReadBack) {
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1023ULL, 1024ULL, 1536ULL << 20, 5ULL << 40})
    EXPECT_EQ(parse_size(format_size(bytes), 0, most), bytes);
  EXPECT_EQ(format_size(1536ULL << 20), "1536MiB");
  for (const std::int64_t count : {0, 1, 999, 1000, 61'000, 3'600'000, 90'000'000})
    EXPECT_EQ(parse_duration(format_duration(Milliseconds(count)), Milliseconds(0),
                             Milliseconds(100'000'000)),
              Milliseconds(count));
  EXPECT_EQ(format_duration(Milliseconds(90'000)), "90s");
}

TEST(ConfigValues, Addresses) {
  EXPECT_EQ(to_string(*parse_address("127.0.0.1:8000")), "127.0.0.1:8000");
  EXPECT_EQ(to_string(*parse_address("[::1]:0")), "[::1]:0");
  EXPECT_EQ(parse_address("[2001:db8::1]:65535")->host, "2001:db8::1");
  EXPECT_EQ(to_string(*parse_address("localhost:1")), "127.0.0.1:1");
  for (const char* wrong :
       {"", "8000", ":8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:8000", "[::1]",
        "[127.0.0.1]:1", "example.org:80", "127.1:80", "1.2.3.4:-1"})
    EXPECT_FALSE(parse_address(wrong)) << wrong;
  EXPECT_TRUE(is_loopback({"127.255.255.254", 1}));
  EXPECT_TRUE(is_loopback({"::1", 1}));
  EXPECT_FALSE(is_loopback({"0.0.0.0", 1}));
  EXPECT_FALSE(is_loopback({"::", 1}));
  EXPECT_FALSE(is_loopback({"::ffff:8.8.8.8", 1}));
}

TEST(ConfigValues, NumbersAndTruth) {
  EXPECT_EQ(parse_integer("7", 1, 9), 7U);
  for (const char* wrong : {"", "0", "10", "7.0", "seven", "7 8", "-1", "18446744073709551616"})
    EXPECT_FALSE(parse_integer(wrong, 1, 9)) << wrong;
  EXPECT_EQ(parse_bool("true"), true);
  EXPECT_EQ(parse_bool("off"), false);
  EXPECT_FALSE(parse_bool("1"));
}

} // namespace
} // namespace graphrag::runtime
