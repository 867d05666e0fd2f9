#include "gateway/http/multipart.hpp"

#include <gtest/gtest.h>

namespace graphrag::gateway {
namespace {

struct Recorder final : MultipartSink {
  void on_part(PartHead head) override {
    parts.push_back({std::move(head), {}});
    open = true;
  }
  void on_data(std::string_view piece) override {
    EXPECT_TRUE(open);
    parts.back().data += piece;
  }
  void on_part_end() override { open = false; }
  std::vector<Part> parts;
  bool open = false;
};

std::string describe(std::string_view body, std::size_t split, std::string* error) {
  Recorder recorder;
  MultipartParser parser{"XX", recorder};
  const bool good =
      parser.feed(body.substr(0, split)) && parser.feed(body.substr(split)) && parser.finish();
  *error = good ? "" : parser.error();
  if (!good) return "";
  EXPECT_FALSE(recorder.open);
  std::string out;
  for (const auto& p : recorder.parts) {
    out += p.head.name + "|" + p.head.filename.value_or("-") + "|" + p.head.content_type + "|" +
           p.data + "\n";
  }
  return out;
}

// The same for every place where the input may be split, and byte by byte.
std::string parse(std::string_view body, std::string* error) {
  const auto whole = describe(body, body.size(), error);
  for (std::size_t split = 0; split < body.size(); ++split) {
    std::string other;
    EXPECT_EQ(describe(body, split, &other), whole) << split;
    EXPECT_EQ(other, *error) << split;
  }
  Recorder recorder;
  MultipartParser parser{"XX", recorder};
  bool good = true;
  for (char c : body) good = good && parser.feed({&c, 1});
  EXPECT_EQ(good && parser.finish(), error->empty());
  return whole;
}

std::string part(const std::string& headers, const std::string& data) {
  return "--XX\r\n" + headers + "\r\n\r\n" + data + "\r\n";
}
const std::string field = "Content-Disposition: form-data; name=\"a\"";

TEST(Multipart, FindsPartsWhateverTheSplit) {
  std::string error;
  const auto body = part(field, "one") +
                    part("content-disposition: form-data; name=\"file\"; "
                         "filename=\"x.txt\"\r\nContent-Type: text/plain",
                         "line\r\n--X\r\n-\r\r\n--XY") +
                    part(field, "") + "--XX--\r\n";
  EXPECT_EQ(parse(body, &error),
            "a|-||one\nfile|x.txt|text/plain|line\r\n--X\r\n-\r\r\n--XY\na|-||\n");
  EXPECT_EQ(error, "");
}

TEST(Multipart, TakesAPartWithoutABodyWhoseDelimiterFollowsAtOnce) {
  std::string error;
  EXPECT_EQ(parse("--XX\r\n" + field + "\r\n\r\n--XX--", &error), "a|-||\n");
  EXPECT_EQ(parse("--XX\r\n" + field + "\r\n\r\n--X not\r\n--XX--", &error), "a|-||--X not\n");
}

TEST(Multipart, ReadsNames) {
  std::string error;
  auto name = [&](const std::string& disposition) {
    return parse(part("Content-Disposition: form-data; " + disposition, "") + "--XX--", &error);
  };
  EXPECT_EQ(name("name=a; filename=b"), "a|b||\n");
  EXPECT_EQ(name("name=\"a\\\"b\"; filename=\"C:\\dir\\x\""), "a\"b|C:\\dir\\x||\n");
  EXPECT_EQ(name("name=\"a\"; filename=\"say %22hi%22\""), "a|say \"hi\"||\n");
  EXPECT_EQ(name("name=\"a\"; filename=\"h\xC3\xA9\""), "a|h\xC3\xA9||\n");
  EXPECT_EQ(name("name=a; filename=plain; filename*=UTF-8''na%C3%AFve"), "a|na\xC3\xAFve||\n");
  EXPECT_EQ(name("name=a; filename*=utf-8'en'x%20y"), "a|x y||\n");
  for (const char* bad :
       {"filename=b", "name=\"\"", "name=a; name=b", "name=\"a", "name=\"\xff\"",
        "name=a; filename*=UTF-8''%ff", "name=a; filename*=latin-1''x", "name=a; filename*=x",
        "name=a; filename*=UTF-8''%0A", "name", "name=a b=c"}) {
    EXPECT_EQ(name(bad), "") << bad;
    EXPECT_NE(error, "") << bad;
  }
}

TEST(Multipart, RefusesWhatIsNotStrictlyFormed) {
  const std::string good = part(field, "one");
  for (const auto& bad : std::vector<std::string>{
           "",
           "--XX--",
           "--XX",
           good,
           good + "--XX",
           good + "--XX-",
           good + "--XX--\r\nmore",
           good + "--XX--x",
           "preamble\r\n" + good + "--XX--",
           "--XX \r\n" + field + "\r\n\r\n\r\n--XX--",
           "--XX\n" + field + "\n\n\n--XX--",
           part("X: 1", "no disposition") + "--XX--",
           part("Content-Disposition: attachment; name=a", "") + "--XX--",
           part(field + "\r\n" + field, "") + "--XX--",
           part(field + "\r\n folded: 1", "") + "--XX--",
           part(field + "\r\nContent-Transfer-Encoding: base64", "") + "--XX--",
           part(field + "\r\nContent-Type: multipart/mixed; boundary=YY", "") + "--XX--",
           part(field + "\r\nContent-Type: a/b\r\nContent-Type: a/b", "") + "--XX--",
           part("Content-Type: a/b", "") + "--XX--",
           part(field + "\r\nX : 1", "") + "--XX--",
           part(field + "\r\nX: a\rb", "") + "--XX--",
           part(field, "x") + "--XX\r\n--XX--",
           part(field + "\r\nX: " + std::string(5000, 'x'), "") + "--XX--"}) {
    std::string error;
    EXPECT_EQ(parse(bad, &error), "") << bad;
    EXPECT_NE(error, "") << bad;
  }
}

TEST(Multipart, LimitsPartsAndTheirHeaders) {
  MultipartLimits limits;
  limits.max_parts = 2;
  limits.max_part_headers = 2;
  const std::string type = "multipart/form-data; boundary=XX";
  auto twice = part(field, "1") + part(field, "2");
  EXPECT_TRUE(parse_multipart(type, twice + "--XX--", limits));
  EXPECT_FALSE(parse_multipart(type, twice + part(field, "3") + "--XX--", limits));
  EXPECT_TRUE(parse_multipart(type, part(field + "\r\nX: 1", "") + "--XX--", limits));
  EXPECT_FALSE(parse_multipart(type, part(field + "\r\nX: 1\r\nY: 1", "") + "--XX--", limits));
}

TEST(Multipart, TakesTheBoundaryFromTheContentType) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b:c\""), "a b:c");
  for (const char* bad :
       {"multipart/mixed; boundary=abc", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"abc \"", "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"a\xff\"", "text/plain; boundary=abc", ""}) {
    EXPECT_FALSE(multipart_boundary(bad)) << bad;
  }
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')));
}

} // namespace
} // namespace graphrag::gateway
