#include "runtime/http/url.hpp"

#include <gtest/gtest.h>

namespace graphrag::runtime::http {
namespace {

TEST(HttpUrl, ReadsItsParts) {
  EXPECT_EQ(*parse_url("https://API.example.org/v1/x?y=1#z"),
            (Url{true, "api.example.org", 443, "/v1/x?y=1"}));
  EXPECT_EQ(*parse_url("http://h"), (Url{false, "h", 80, "/"}));
  EXPECT_EQ(*parse_url("HTTP://h:8080?q"), (Url{false, "h", 8080, "/?q"}));
  EXPECT_EQ(*parse_url("http://[::1]:9/a"), (Url{false, "::1", 9, "/a"}));
}

TEST(HttpUrl, RefusesWhatItCannotUseAndRepeatsNothing) {
  for (const char* text :
       {"ftp://h/SECRET", "SECRET", "//h/SECRET", "http:///SECRET", "http://SECRET@h/",
        "http://u:SECRET@h/", "http://h:0/SECRET", "http://h:65536/SECRET", "http://h:x/SECRET",
        "http://h /SECRET", "http://h/SECRET\r\nX: y", "http://h/SECRET\xC3\xA9",
        "http://[::1/SECRET", "http://[::1]9/SECRET", "http://h%41/SECRET", "http://a\\b/SECRET",
        "http://[h]/SECRET"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Errc::invalid_argument);
    EXPECT_EQ(url.error().detail.find("SECRET"), std::string::npos) << url.error().detail;
  }
  EXPECT_FALSE(parse_url("http://h/" + std::string(10'000, 'a')));
}

TEST(HttpUrl, FollowsRelativeAndAbsoluteLocations) {
  const auto base = *parse_url("https://h:8443/a/b/c?q=1");
  EXPECT_EQ(*follow(base, "https://other/x"), (Url{true, "other", 443, "/x"}));
  EXPECT_EQ(*follow(base, "//other/x"), (Url{true, "other", 443, "/x"}));
  EXPECT_EQ(follow(base, "/x?to=http://y/z")->target, "/x?to=http://y/z");
  EXPECT_EQ(follow(base, "d")->target, "/a/b/d");
  EXPECT_EQ(follow(base, "../d/./e")->target, "/a/d/e");
  EXPECT_EQ(follow(base, "../../../d")->target, "/d");
  EXPECT_EQ(follow(base, "?q=2")->target, "/a/b/c?q=2");
  EXPECT_EQ(follow(base, "/x/..")->target, "/");
  EXPECT_EQ(follow(base, "#part")->target, "/a/b/c?q=1");
  EXPECT_EQ(follow(base, "d")->host, "h");
  EXPECT_EQ(follow(base, "d")->port, 8443);
  EXPECT_FALSE(follow(base, "a b"));
  EXPECT_FALSE(follow(base, "gopher://h/"));
}

TEST(HttpUrl, WritesOriginAndHost) {
  EXPECT_EQ(origin(*parse_url("https://h/SECRET?k=SECRET")), "https://h:443");
  EXPECT_EQ(authority(*parse_url("https://h/")), "h");
  EXPECT_EQ(authority(*parse_url("https://h:80/")), "h:80");
  EXPECT_EQ(authority(*parse_url("http://[::1]:8080/")), "[::1]:8080");
}

} // namespace
} // namespace graphrag::runtime::http
