#include "runtime/models/vectors.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/models/strict_json.hpp"

namespace graphrag::runtime::models {
namespace {

using nlohmann::json;

TEST(StrictJson, ReadsAnyValue) {
  for (const char* text : {"null", "-1.5", "\"\\u00e9\"", "[]", "{}",
                           R"({"a":[1,{"b":null,"c":[[],{}]}],"d":"x","e":18446744073709551615})"})
    EXPECT_EQ(*parse_strict(text), json::parse(text)) << text;
}

TEST(StrictJson, RefusesWhatCouldMislead) {
  for (const char* text :
       {"", "nope", "{} {}", "{}x", "NaN", "[Infinity]", "[1e999]", "[-1e999]", "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"\\u0062\":2}}", "\"\xFF\"", "\"\xED\xA0\x80\"", "[1,]", "{'a':1}", "[1",
        "// c\n1", "\"a\nb\"", "01"}) {
    const auto read = parse_strict(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

TEST(StrictJson, BoundsItsDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_strict(nested(json_max_depth)));
  EXPECT_FALSE(parse_strict(nested(json_max_depth + 1)));
  EXPECT_FALSE(parse_strict(std::string(1'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 1000; ++i) objects += "{\"a\":";
  EXPECT_FALSE(parse_strict(objects));
}

TEST(StrictJson, TextThatIsNoUtf8CanBeSent) {
  EXPECT_EQ(to_text({{"a", "x\xFFy"}}), "{\"a\":\"x\xEF\xBF\xBDy\"}");
}

// An answer with these elements, written by hand so that it can be wrong.
std::string data(const std::string& elements) { return "{\"data\":[" + elements + "]}"; }
std::string results(const std::string& elements) { return "{\"results\":[" + elements + "]}"; }

TEST(EmbeddingWire, AsksAndReadsByIndex) {
  const auto request = json::parse(embedding_request("m", {"a", "b"}));
  EXPECT_EQ(request, (json{{"model", "m"}, {"input", {"a", "b"}}, {"encoding_format", "float"}}));
  const auto answer = read_embeddings(
      R"({"data":[{"index":1,"embedding":[3,4.5]},{"index":0,"embedding":[1,-2e-3]}],
          "usage":{"prompt_tokens":9,"total_tokens":9}})",
      2, 2);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->vectors, (std::vector<Vector>{{1, -2e-3f}, {3, 4.5}}));
  EXPECT_EQ(answer->usage, (Usage{9, 0}));
}

TEST(EmbeddingWire, RefusesEveryLie) {
  const std::string one = R"({"index":0,"embedding":[1,2]})";
  ASSERT_TRUE(read_embeddings(data(one), 1, 0));
  for (const auto& body :
       std::vector<std::string>{"",
                                "{}",
                                "[]",
                                "{\"data\":{}}",
                                "<html>",
                                data(""),
                                data(one + "," + one),
                                data(R"({"index":1,"embedding":[1,2]})"),
                                data(R"({"index":-1,"embedding":[1,2]})"),
                                data(R"({"index":0.0,"embedding":[1,2]})"),
                                data(R"({"embedding":[1,2]})"),
                                data(R"({"index":0})"),
                                data(R"({"index":0,"embedding":[]})"),
                                data(R"({"index":0,"embedding":[1,null]})"),
                                data(R"({"index":0,"embedding":[1,"2"]})"),
                                data(R"({"index":0,"embedding":[1,NaN]})"),
                                data(R"({"index":0,"embedding":[1,1e300]})"),
                                data(R"({"index":0,"embedding":[1,1e999]})"),
                                data(R"({"index":0,"embedding":"AACA"})"),
                                data(R"({"index":0,"index":0,"embedding":[1,2]})")}) {
    const auto answer = read_embeddings(body, 1, 0);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, Errc::corrupt);
    EXPECT_TRUE(answer.error().detail.starts_with("invalid answer: "));
  }
  EXPECT_FALSE(read_embeddings(data(one), 1, 3)) << "another dimension than agreed";
  EXPECT_FALSE(read_embeddings(data(one + R"(,{"index":1,"embedding":[1,2,3]})"), 2, 0));
  EXPECT_FALSE(read_embeddings(data(one + "," + one), 2, 0)) << "an index twice";
}

TEST(EmbeddingWire, AUsageThatCannotBeTrueIsNone) {
  const auto usage = [](const std::string& text) {
    return read_embeddings(R"({"data":[{"index":0,"embedding":[1]}],"usage":)" + text + "}", 1, 0)
        ->usage;
  };
  EXPECT_EQ(usage(R"({"total_tokens":4})"), (Usage{4, 0}));
  EXPECT_EQ(usage(R"({"prompt_tokens":4,"completion_tokens":2})"), (Usage{4, 2}));
  for (const char* bad : {"null", "{}", "5", R"({"prompt_tokens":-4})",
                          R"({"prompt_tokens":1000000000001})", R"({"prompt_tokens":"4"})"})
    EXPECT_EQ(usage(bad), std::nullopt) << bad;
}

TEST(RerankWire, AsksAndReadsByIndex) {
  const auto request = json::parse(rerank_request("m", "q", {"a", "b"}));
  EXPECT_EQ(request,
            (json{{"model", "m"}, {"query", "q"}, {"documents", {"a", "b"}}, {"top_n", 2}}));
  const auto answer = read_rerank(
      R"({"results":[{"index":1,"relevance_score":0.9,"document":{"text":"b"}},
          {"index":0,"relevance_score":-3}],"usage":{"total_tokens":12}})",
      2);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->scores, (std::vector<double>{-3, 0.9}));
  EXPECT_EQ(answer->usage, (Usage{12, 0}));
}

TEST(RerankWire, RefusesEveryLie) {
  const std::string one = R"({"index":0,"relevance_score":1})";
  for (const auto& body : std::vector<std::string>{
           "{}", results(""), results(one), results(one + "," + one),
           results(one + R"(,{"index":2,"relevance_score":1})"), results(one + R"(,{"index":1})"),
           results(one + R"(,{"index":1,"relevance_score":"1"})"),
           results(one + R"(,{"index":1,"relevance_score":1e999})"),
           results(one + R"(,{"index":1,"relevance_score":null})")})
    EXPECT_FALSE(read_rerank(body, 2)) << body;
  EXPECT_TRUE(read_rerank(results(one + R"(,{"index":1,"relevance_score":0})"), 2));
}

} // namespace
} // namespace graphrag::runtime::models
