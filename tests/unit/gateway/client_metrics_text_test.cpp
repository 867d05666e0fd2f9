#include "gateway/client/metrics_text.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace graphrag::client {

constexpr auto text = R"(# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{method="GET",status="200"} 10
http_requests_total{method="POST",status="200"} 5 1700000000000
http_requests_total{method="POST",status="422"} 1
odd{label="quote \" brace } line\n"} 2.5e-3
up 1
broken{a="b" 3
d_bucket{le="0.1"} 2
d_bucket{le="1"} 6
d_bucket{le="+Inf"} 8
)";

TEST(MetricsText, reads_names_labels_and_values) {
  auto m = MetricsText::parse(text);
  EXPECT_DOUBLE_EQ(m.sum("http_requests_total"), 16);
  EXPECT_DOUBLE_EQ(m.sum("http_requests_total", {{"method", "POST"}}), 6);
  EXPECT_DOUBLE_EQ(m.sum("http_requests_total", {{"method", "PUT"}}), 0);
  EXPECT_DOUBLE_EQ(m.sum("up"), 1);
  auto by = m.by("http_requests_total", "status");
  EXPECT_DOUBLE_EQ(by["200"], 15);
  EXPECT_DOUBLE_EQ(by["422"], 1);
  EXPECT_DOUBLE_EQ(m.by("odd", "label").at("quote \" brace } line\n"), 0.0025);
}

TEST(MetricsText, skips_lines_that_are_no_samples) {
  auto m = MetricsText::parse("\n{x=\"y\"} 1\nname\nname notanumber\n a 1\n");
  EXPECT_TRUE(m.samples().empty());
}

TEST(BucketQuantile, interpolates_what_was_added_between_two_readings) {
  auto now = MetricsText::parse(text).buckets("d");
  ASSERT_EQ(now.size(), 3U);
  EXPECT_TRUE(std::isinf(now.rbegin()->first));
  // 8 observations: 2 up to 0.1, 4 more up to 1, 2 beyond.
  EXPECT_DOUBLE_EQ(bucket_quantile({}, now, 0.5), 0.1 + 0.9 * (4.0 - 2) / 4);
  EXPECT_DOUBLE_EQ(bucket_quantile({}, now, 0.99), 1); // in the last bucket: its lower edge
  EXPECT_DOUBLE_EQ(bucket_quantile(now, now, 0.5), 0);
  EXPECT_DOUBLE_EQ(bucket_quantile({}, {}, 0.5), 0);
}

} // namespace graphrag::client
