// A corpus of request heads: each with the status that it must get. Most are from the literature on
// request smuggling: places where two recipients disagree about where a request ends.
#include "gateway/http/strict_head.hpp"

#include <ostream>

#include <gtest/gtest.h>

namespace graphrag::gateway {
namespace {

constexpr int ok = 200;

int judge(std::string_view raw, HeadLimits limits = {}) {
  HeadScanner scanner;
  const auto size = scanner.scan(raw, limits);
  if (!size) return size.error().status;
  if (*size == 0) return 0; // wants more
  const auto head = check_head(raw.substr(0, *size), limits);
  return head ? ok : head.error().status;
}

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

struct Case {
  const char* name;
  std::string raw;
  int status;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Corpus : public testing::TestWithParam<Case> {};

TEST_P(Corpus, GetsItsStatus) {
  EXPECT_EQ(judge(GetParam().raw), GetParam().status) << GetParam().raw;
}

TEST_P(Corpus, GetsTheSameStatusWhenItArrivesByteByByte) {
  const auto& raw = GetParam().raw;
  HeadScanner scanner;
  int status = 0;
  for (std::size_t n = 1; n <= raw.size() && status == 0; ++n) {
    const auto size = scanner.scan(std::string_view(raw).substr(0, n), {});
    if (!size) {
      status = size.error().status;
    } else if (*size > 0) {
      const auto head = check_head(std::string_view(raw).substr(0, *size), {});
      status = head ? ok : head.error().status;
    }
  }
  EXPECT_EQ(status, GetParam().status);
}

using namespace std::string_literals;

INSTANTIATE_TEST_SUITE_P(
    Framing, Corpus,
    testing::Values(
        Case{"plain", get(""), ok}, Case{"length", post("Content-Length: 5\r\n"), ok},
        Case{"zero_length", post("Content-Length: 0\r\n"), ok},
        Case{"chunked", post("Transfer-Encoding: chunked\r\n"), ok},
        Case{"chunked_any_case", post("tRANSFER-eNCODING: ChUnKeD\r\n"), ok},
        Case{"both", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        Case{"both_other_order", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        Case{"two_lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
        Case{"two_equal_lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        Case{"length_list", post("Content-Length: 5, 5\r\n"), 400},
        Case{"length_plus", post("Content-Length: +5\r\n"), 400},
        Case{"length_minus", post("Content-Length: -5\r\n"), 400},
        Case{"length_minus_zero", post("Content-Length: -0\r\n"), 400},
        Case{"length_hex", post("Content-Length: 0x5\r\n"), 400},
        Case{"length_empty", post("Content-Length: \r\n"), 400},
        Case{"length_letters", post("Content-Length: five\r\n"), 400},
        Case{"length_space_inside", post("Content-Length: 5 5\r\n"), 400},
        Case{"length_fraction", post("Content-Length: 5.0\r\n"), 400},
        Case{"length_overflow", post("Content-Length: 18446744073709551621\r\n"), 400},
        Case{"length_long", post("Content-Length: 99999999999999999999999999\r\n"), 400},
        Case{"length_space_before_colon", post("Content-Length : 5\r\n"), 400},
        Case{"length_tab_before_colon", post("Content-Length\t: 5\r\n"), 400},
        Case{"length_on_get", get("Content-Length: 5\r\n"), ok},
        Case{"two_codings_fields",
             post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        Case{"coding_and_identity",
             post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
        Case{"chunked_twice", post("Transfer-Encoding: chunked, chunked\r\n"), 400},
        Case{"chunked_not_last", post("Transfer-Encoding: chunked, gzip\r\n"), 400},
        Case{"gzip_then_chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
        Case{"identity", post("Transfer-Encoding: identity\r\n"), 400},
        Case{"unknown_coding", post("Transfer-Encoding: xchunked\r\n"), 400},
        Case{"coding_x_comma", post("Transfer-Encoding: x,chunked\r\n"), 501},
        Case{"coding_quoted", post("Transfer-Encoding: \"chunked\"\r\n"), 400},
        Case{"coding_parameter", post("Transfer-Encoding: chunked;q=1\r\n"), 400},
        Case{"coding_empty", post("Transfer-Encoding: \r\n"), 400},
        Case{"coding_empty_element", post("Transfer-Encoding: ,chunked\r\n"), 400},
        Case{"coding_trailing_comma", post("Transfer-Encoding: chunked,\r\n"), 400},
        Case{"coding_vertical_tab",
             post("Transfer-Encoding: \x0b"
                  "chunked\r\n"),
             400},
        Case{"coding_form_feed",
             post("Transfer-Encoding:\x0c"
                  "chunked\r\n"),
             400},
        Case{"coding_space_before_colon", post("Transfer-Encoding : chunked\r\n"), 400},
        Case{"coding_folded", post("Transfer-Encoding:\r\n chunked\r\n"), 400},
        Case{"coding_high_byte", post("Transfer-Encoding: chunked\xff\r\n"), 400},
        Case{"coding_in_http10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
             400},
        Case{"name_with_high_byte", post("Transfer\xc2\xa0-Encoding: chunked\r\n"), 400},
        Case{"name_with_leading_space", post(" Transfer-Encoding: chunked\r\n"), 400},
        Case{"name_with_nul", post("Transfer-Encoding\0: chunked\r\n"s), 400}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Lines, Corpus,
    testing::Values(
        Case{"leading_empty_line", "\r\n" + get(""), ok},
        Case{"two_leading_empty_lines", "\r\n\r\n" + get(""), 400},
        Case{"leading_bare_lf", "\n" + get(""), 400}, Case{"leading_space", " " + get(""), 400},
        Case{"bare_lf_everywhere", "GET / HTTP/1.1\nHost: a\n\n", 400},
        Case{"bare_lf_after_request_line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
        Case{"bare_lf_in_fields", get("X: 1\nY: 2\r\n"), 400},
        Case{"bare_lf_at_end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
        Case{"bare_cr_in_value", get("X: 1\rY: 2\r\n"), 400},
        Case{"bare_cr_in_name", get("X\r: 1\r\n"), 400},
        Case{"bare_cr_in_request_line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"cr_cr_lf", get("X: 1\r\r\n"), 400}, Case{"folded", get("X: 1\r\n 2\r\n"), 400},
        Case{"folded_with_tab", get("X: 1\r\n\t2\r\n"), 400},
        Case{"folded_first", "GET / HTTP/1.1\r\n X: 1\r\nHost: a\r\n\r\n", 400},
        Case{"no_colon", get("X\r\n"), 400}, Case{"no_name", get(": 1\r\n"), 400},
        Case{"space_in_name", get("X Y: 1\r\n"), 400},
        Case{"nul_in_value", get("X: a\0b\r\n"s), 400},
        Case{"delete_in_value", get("X: a\x7f\r\n"), 400},
        Case{"control_in_value", get("X: a\x01\r\n"), 400},
        Case{"utf8_in_value", get("X: h\xc3\xa9\r\n"), ok},
        Case{"tab_in_value", get("X: a\tb\r\n"), ok}, Case{"empty_value", get("X:\r\n"), ok},
        Case{"bracket_in_name", get("X[1]: 1\r\n"), 400},
        Case{"two_authorizations", get("Authorization: a\r\nAuthorization: b\r\n"), 400},
        Case{"two_content_types", post("Content-Type: a/b\r\nContent-Type: c/d\r\n"), 400},
        Case{"expect_continue", post("Expect: 100-continue\r\nContent-Length: 1\r\n"), ok},
        Case{"expect_other", post("Expect: 200-ok\r\n"), 417},
        Case{"tls_hello", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03"s, 400},
        Case{"nul_first", "\0GET / HTTP/1.1\r\n"s, 400},
        Case{"unfinished", "GET / HTTP/1.1\r\nHost: a\r\n", 0}),
    [](const auto& info) { return std::string(info.param.name); });

std::string line(const std::string& request_line) { return request_line + "\r\nHost: a\r\n\r\n"; }
std::string absolute(const std::string& target, const std::string& host) {
  return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    RequestLine, Corpus,
    testing::Values(
        Case{"http10", "GET / HTTP/1.0\r\n\r\n", ok}, Case{"http09", "GET /\r\n\r\n", 400},
        Case{"http12", line("GET / HTTP/1.2"), 505}, Case{"http2", line("GET / HTTP/2.0"), 505},
        Case{"http2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        Case{"version_lower_case", line("GET / http/1.1"), 400},
        Case{"version_two_digits", line("GET / HTTP/1.10"), 400},
        Case{"version_leading_zero", line("GET / HTTP/01.1"), 400},
        Case{"version_junk", line("GET / HTTP/1.1x"), 400},
        Case{"trailing_space", line("GET / HTTP/1.1 "), 400},
        Case{"two_spaces", line("GET  / HTTP/1.1"), 400}, Case{"tab", line("GET\t/ HTTP/1.1"), 400},
        Case{"no_target", line("GET HTTP/1.1"), 400},
        Case{"unknown_method", line("BREW / HTTP/1.1"), 501},
        Case{"lower_case_method", line("get / HTTP/1.1"), 501},
        Case{"connect", line("CONNECT a:80 HTTP/1.1"), 501},
        Case{"bad_method_byte", line("GE(T / HTTP/1.1"), 400},
        Case{"relative_target", line("GET index HTTP/1.1"), 400},
        Case{"asterisk_options", line("OPTIONS * HTTP/1.1"), ok},
        Case{"asterisk_get", line("GET * HTTP/1.1"), 400},
        Case{"fragment", line("GET /a#b HTTP/1.1"), 400},
        Case{"quote", line("GET /\" HTTP/1.1"), 400},
        Case{"backslash", line("GET /a\\b HTTP/1.1"), 400},
        Case{"high_byte", line("GET /\xc3\xa9 HTTP/1.1"), 400},
        Case{"escaped", line("GET /%C3%A9?q=%20 HTTP/1.1"), ok},
        Case{"brackets_in_query", line("GET /?a[b]=c|d HTTP/1.1"), ok},
        Case{"no_host", "GET / HTTP/1.1\r\n\r\n", 400}, Case{"two_hosts", get("Host: b\r\n"), 400},
        Case{"two_equal_hosts", get("Host: a\r\n"), 400},
        Case{"empty_host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        Case{"two_hosts_http10", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Case{"host_with_user", absolute("/", "me@a"), 400},
        Case{"host_with_path", absolute("/", "a/b"), 400},
        Case{"host_list", absolute("/", "a,b"), 400}, Case{"host_space", absolute("/", "a b"), 400},
        Case{"host_port", absolute("/", "a:8000"), ok},
        Case{"host_bad_port", absolute("/", "a:8x"), 400},
        Case{"host_ipv6", absolute("/", "[::1]:80"), ok},
        Case{"host_bad_ipv6", absolute("/", "[::g]"), 400},
        Case{"absolute", absolute("http://a/x?y=1", "a"), ok},
        Case{"absolute_case", absolute("HTTP://A/x", "a"), ok},
        Case{"absolute_default_port", absolute("http://a:80/x", "a"), ok},
        Case{"absolute_no_path", absolute("http://a", "a"), ok},
        Case{"absolute_only_query", absolute("http://a?x=1", "a"), ok},
        Case{"absolute_other_host", absolute("http://b/x", "a"), 400},
        Case{"absolute_other_port", absolute("http://a:81/x", "a"), 400},
        Case{"absolute_user", absolute("http://me@a/x", "a"), 400},
        Case{"absolute_ftp", absolute("ftp://a/x", "a"), 400},
        Case{"absolute_no_host", absolute("http:///x", "a"), 400}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(StrictHead, LimitsTheRequestLineTheFieldsAndTheirNumber) {
  HeadLimits limits;
  limits.max_bytes = 1000;
  limits.max_headers = 5;
  limits.max_target = 300;
  EXPECT_EQ(judge("GET /" + std::string(301, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits), 414);
  EXPECT_EQ(judge("GET /" + std::string(2000, 'a'), limits), 414);
  EXPECT_EQ(judge(get("X: " + std::string(2000, 'a') + "\r\n"), limits), 431);
  EXPECT_EQ(judge("GET / HTTP/1.1\r\nX: " + std::string(2000, 'a'), limits), 431);
  std::string many;
  for (int i = 0; i < 4; ++i) many += "X: 1\r\n";
  EXPECT_EQ(judge(get(many), limits), ok);
  EXPECT_EQ(judge(get(many + "X: 1\r\n"), limits), 431);
}

TEST(StrictHead, TellsWhatFramingAndRoutingDependOn) {
  const std::string raw = "\r\nPOST /a/b?c=d HTTP/1.1\r\nHost: a\r\nConnection: foo , close\r\n"
                          "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n";
  const auto head = check_head(raw, {});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->target, "/a/b?c=d");
  EXPECT_EQ(head->path, "/a/b");
  EXPECT_EQ(head->query, "c=d");
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_EQ(head->header_count, 4U);
  EXPECT_EQ(head->leading, 2U);
  EXPECT_TRUE(head->expect_continue);
  EXPECT_FALSE(head->keep_alive);
  EXPECT_FALSE(head->chunked);
}

TEST(StrictHead, KeepsAnHttp10ConnectionOnlyWhenAsked) {
  EXPECT_FALSE(check_head("GET / HTTP/1.0\r\n\r\n", {})->keep_alive);
  EXPECT_TRUE(check_head("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", {})->keep_alive);
  EXPECT_TRUE(check_head(get(""), {})->keep_alive);
}

} // namespace
} // namespace graphrag::gateway
