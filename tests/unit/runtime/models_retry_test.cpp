#include "runtime/models/retry.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "runtime/models/endpoint.hpp"

namespace graphrag::runtime::models {
namespace {

using namespace std::chrono_literals;

TEST(ModelRetry, OnlySomeStatusesAreWorthAnother) {
  for (const int status : {408, 429, 500, 502, 503, 504, 529}) EXPECT_TRUE(is_transient(status));
  for (const int status : {200, 302, 400, 401, 403, 404, 409, 413, 422, 600})
    EXPECT_FALSE(is_transient(status)) << status;
}

TEST(ModelRetry, WaitsDoubleWithinTheirJitter) {
  const RetryOptions options{.first = 100ms, .longest = 1s};
  EXPECT_EQ(retry_delay(options, 1, {}, 0), 50ms);
  EXPECT_EQ(retry_delay(options, 2, {}, 0), 100ms);
  EXPECT_EQ(retry_delay(options, 3, {}, 0.5), 300ms);
  EXPECT_EQ(retry_delay(options, 60, {}, 0), 500ms);
  EXPECT_LE(retry_delay(options, 60, {}, 0.9999), 1s);
}

TEST(ModelRetry, TheServersWishIsTheLeast) {
  const RetryOptions options{.first = 100ms, .longest = 1s};
  EXPECT_EQ(retry_delay(options, 1, 7s, 0), 7s);
  EXPECT_EQ(retry_delay(options, 1, 0ms, 0), 50ms);
}

TEST(ModelRetry, ReadsRetryAfter) {
  constexpr std::int64_t now = 784'111'777'000; // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(parse_retry_after("0", now), 0ms);
  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:40 GMT", now), 3s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), 0ms);
  for (const char* bad : {"", "-1", "1.5", "soon", "99999999999999", "1 ",
                          "Sun, 06 Nov 1994 08:49:40 UTC", "Sun, 31 Feb 1994 08:49:40 GMT",
                          "Sun, 06 Nov 1994 28:49:40 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"})
    EXPECT_EQ(parse_retry_after(bad, now), std::nullopt) << bad;
}

ModelEndpoint usable() {
  ModelEndpoint endpoint;
  endpoint.name = "main-1";
  endpoint.base_url = "https://models.test/v1";
  endpoint.model = "m";
  endpoint.api_key = Secret{"sk-SECRET"};
  return endpoint;
}

TEST(ModelEndpointCheck, NamesTheOptionAndNoValue) {
  EXPECT_TRUE(check(usable()));
  const std::vector<void (*)(ModelEndpoint&)> wrongs{
      [](ModelEndpoint& e) { e.name = "SECRET name"; },
      [](ModelEndpoint& e) { e.base_url = "https://u:SECRET@h/v1"; },
      [](ModelEndpoint& e) { e.base_url = "https://h/v1?key=SECRET"; },
      [](ModelEndpoint& e) { e.api_key = Secret{"SECRET\r\nX: y"}; },
      [](ModelEndpoint& e) { e.model = ""; },
      [](ModelEndpoint& e) { e.timeout = 0ms; },
      [](ModelEndpoint& e) { e.retry.max_retries = 11; },
      [](ModelEndpoint& e) { e.retry.first = 0ms; },
      [](ModelEndpoint& e) { e.max_concurrent_calls = 0; },
      [](ModelEndpoint& e) { e.prices.input_micros_per_million = -1; },
      [](ModelEndpoint& e) { e.prices.output_micros_per_million = max_price + 1; },
      [](ModelEndpoint& e) { e.max_prompt_bytes = 1; },
      [](ModelEndpoint& e) { e.batch_texts = 0; }};
  for (const auto wrong : wrongs) {
    auto endpoint = usable();
    wrong(endpoint);
    const auto checked = check(endpoint);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Errc::invalid_argument);
    EXPECT_EQ(checked.error().detail.find("SECRET"), std::string::npos);
  }
}

TEST(ModelSecret, DoesNotPrint) {
  std::ostringstream out;
  out << Secret{"sk-SECRET"} << Secret{};
  EXPECT_EQ(out.str(), "[secret][none]");
  EXPECT_EQ(testing::PrintToString(Secret{"sk-SECRET"}), "[secret]");
}

} // namespace
} // namespace graphrag::runtime::models
