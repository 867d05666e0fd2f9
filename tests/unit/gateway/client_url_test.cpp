#include "gateway/client/url.hpp"

#include <gtest/gtest.h>

namespace graphrag::client {

TEST(ClientUrl, reads_host_port_and_base) {
  auto url = parse_url("http://127.0.0.1:8000");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, 8000);
  EXPECT_EQ(url->base, "");
  url = parse_url("http://example.org/graphrag/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->port, 80);
  EXPECT_EQ(url->base, "/graphrag");
  url = parse_url("http://[::1]:8002/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(to_string(*url), "http://[::1]:8002");
}

TEST(ClientUrl, refuses_what_it_cannot_use) {
  for (auto bad : {"", "localhost:8000", "https://a", "ftp://a", "http://", "http://:80",
                   "http://a:", "http://a:0", "http://a:65536", "http://a:8x", "http://[::1",
                   "http://[::1]8", "http://user@a", "http://a/x?y", "http://a/x y", "http://a b"})
    EXPECT_FALSE(parse_url(bad)) << bad;
}

TEST(PercentEncode, leaves_only_unreserved_characters) {
  EXPECT_EQ(percent_encode("a-b_c.d~9"), "a-b_c.d~9");
  EXPECT_EQ(percent_encode("a/b ?%&"), "a%2Fb%20%3F%25%26");
  EXPECT_EQ(percent_encode("钟"), "%E9%92%9F");
}

} // namespace graphrag::client
