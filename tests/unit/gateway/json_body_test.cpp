#include "gateway/http/json_body.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace graphrag::gateway {
namespace {

using json = nlohmann::json;

TEST(ParseJson, GivesWhatIsThere) {
  const std::string text = R"({"a": [1, -2, 3.5, true, null, "x", {"b": []}], "c": {"a": 1}})";
  const auto value = parse_json(text);
  ASSERT_TRUE(value) << value.error().detail;
  EXPECT_EQ(*value, json::parse(text));
  EXPECT_EQ(*parse_json("17"), json(17));
}

TEST(ParseJson, RefusesDuplicateMembersAtAnyDepth) {
  EXPECT_FALSE(parse_json(R"({"a": 1, "a": 1})"));
  EXPECT_FALSE(parse_json(R"({"x": [{"a": 1, "b": 2, "\u0061": 3}]})"));
  EXPECT_TRUE(parse_json(R"({"x": {"a": 1}, "y": {"a": 1}})"));
}

TEST(ParseJson, LimitsDepth) {
  auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(parse_json(nested(64)));
  EXPECT_FALSE(parse_json(nested(65)));
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
}

TEST(ParseJson, SaysWhereTheTextIsBroken) {
  const auto broken = parse_json("{\"a\": \"x\xff\"}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().position, 9U);
  for (const char* bad : {"", "{", "{} x", "{\"a\":}", "[1,]", "nul", "'a'", "{a:1}", "1e999",
                          "\"\\ud800\"", "NaN", "[1 2]", "\x01"}) {
    EXPECT_FALSE(parse_json(bad)) << bad;
  }
}

TEST(JsonBody, AnswersAProblem) {
  Request request;
  request.trace_id = "t";
  request.body = "{}";
  EXPECT_EQ(json_body(request).error().status, 415);
  request.headers = {{"content-type", "Application/JSON; charset=utf-8"}};
  EXPECT_TRUE(json_body(request));
  request.body = "{\"a\" 1}";
  const auto bad = json_body(request);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().status, 400);
  const auto body = json::parse(bad.error().body);
  EXPECT_EQ(body["code"], "bad_json");
  EXPECT_NE(body["detail"].get<std::string>().find("byte 6"), std::string::npos) << body;
}

TEST(Fields, ReadsWhatIsRight) {
  const json body = {{"s", "text"},     {"i", 5},        {"d", 2},       {"b", true},
                     {"l", {"x", "y"}}, {"v", {1, 2.5}}, {"n", nullptr}, {"o", {{"k", "z"}}},
                     {"m", "hybrid"}};
  Fields fields{body};
  EXPECT_EQ(fields.text("s"), "text");
  EXPECT_EQ(fields.integer("i", 1, 10), 5);
  EXPECT_EQ(fields.number("d", 0, 10), 2.0);
  EXPECT_EQ(fields.boolean("b"), true);
  EXPECT_EQ(fields.texts("l", 5, 5), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(fields.numbers("v", 5), (std::vector<float>{1, 2.5}));
  EXPECT_EQ(fields.text("n"), std::nullopt);
  EXPECT_EQ(fields.text("absent"), std::nullopt);
  EXPECT_EQ(fields.choice("m", {"hybrid", "keyword"}), "hybrid");
  auto nested = fields.nested("o");
  EXPECT_EQ(nested.required_text("k"), "z");
  nested.check_unknown();
  EXPECT_FALSE(fields.finish("t"));
}

TEST(Fields, NamesEverythingThatIsWrongByPointer) {
  const json body = {{"s", 1},
                     {"i", 500},
                     {"f", 1.5},
                     {"huge", 18446744073709551615ULL},
                     {"b", "yes"},
                     {"m", "other"},
                     {"l", {1}},
                     {"v", {"x"}},
                     {"a/b~", "x"},
                     {"o", {{"k", 1}, {"extra", 1}}},
                     {"list", {{{"x", "y"}}, 5}},
                     {"long", "xxxx"},
                     {"nul", std::string("a\0b", 3)},
                     {"d", "1"}};
  Fields fields{body};
  fields.text("s");
  fields.integer("i", 1, 100);
  fields.integer("f", 1, 100);
  fields.integer("huge", 0, INT64_MAX);
  fields.boolean("b");
  fields.choice("m", {"hybrid"});
  fields.texts("l", 5, 5);
  fields.numbers("v", 5);
  fields.number("d", 0, 1);
  fields.required_text("missing");
  fields.text("long", 0, 3);
  fields.text("nul");
  auto nested = fields.nested("o");
  nested.text("k");
  nested.check_unknown();
  const auto* list = fields.array("list", 5);
  ASSERT_NE(list, nullptr);
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto element = fields.element("list", i, (*list)[i]);
    element.integer("x", 0, 1);
  }
  const auto answer = fields.finish("trace", 422);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 422);
  std::vector<std::string> pointers;
  const auto problem = json::parse(answer->body);
  for (const auto& e : problem["errors"]) pointers.push_back(e["pointer"]);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/s", "/i", "/f", "/huge", "/b", "/m", "/l", "/v",
                                                "/d", "/missing", "/long", "/nul", "/o/k",
                                                "/o/extra", "/list/0/x", "/list/1", "/a~1b~0"}));
}

TEST(Fields, RefusesABodyThatIsNoObject) {
  const json body = json::array();
  Fields fields{body};
  EXPECT_EQ(fields.text("a"), std::nullopt);
  EXPECT_TRUE(fields.finish("t"));
}

} // namespace
} // namespace graphrag::gateway
