#include "actors/chunk/filter.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/chunk/index_fixture.hpp"

namespace graphrag::chunk::testing {
namespace {

using nlohmann::json;

std::string error_at(const std::string& text) {
  auto parsed = parse_filter(json::parse(text));
  return parsed ? "none" : parsed.error().pointer;
}

bool match(const std::string& filter, const FilterSubject& subject) {
  auto parsed = parse_filter(json::parse(filter));
  EXPECT_TRUE(parsed) << filter;
  return parsed && matches(*parsed, subject);
}
bool match(const std::string& filter, std::string_view metadata) {
  return match(filter, FilterSubject{.document_id = "d", .metadata = metadata});
}
bool must(const std::string& condition, std::string_view metadata) {
  return match(R"({"must": [)" + condition + "]}", metadata);
}

TEST(ParseFilter, NamesWhatIsWrong) {
  EXPECT_EQ(error_at("{}"), "none");
  EXPECT_EQ(error_at("[]"), "");
  EXPECT_EQ(error_at(R"({"musst": []})"), "/musst");
  EXPECT_EQ(error_at(R"({"a/b~c": []})"), "/a~1b~0c");
  EXPECT_EQ(error_at(R"({"must": {}})"), "/must");
  EXPECT_EQ(error_at(R"({"must": [7]})"), "/must/0");
  EXPECT_EQ(error_at(R"({"should": [{"key": "a", "match": 1}, {"match": 1}]})"), "/should/1");
  EXPECT_EQ(error_at(R"({"must": [{"key": "", "match": 1}]})"), "/must/0/key");
  EXPECT_EQ(error_at(R"({"must": [{"key": 7, "match": 1}]})"), "/must/0/key");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a"}]})"), "/must/0");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "match": 1, "exists": true}]})"), "/must/0/match");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "equals": 1}]})"), "/must/0/equals");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "match": null}]})"), "/must/0/match");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "match": [1]}]})"), "/must/0/match");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "any": []}]})"), "/must/0/any");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "any": [1, {}]}]})"), "/must/0/any/1");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "exists": 1}]})"), "/must/0/exists");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "range": {}}]})"), "/must/0/range");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "range": {"above": 1}}]})"), "/must/0/range/above");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "range": {"gt": true}}]})"), "/must/0/range/gt");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "range": {"gt": 1, "lt": "b"}}]})"),
            "/must/0/range");
  EXPECT_EQ(error_at(R"({"must": [{"key": "a", "range": {"gt": 1, "gte": 1}}]})"), "/must/0/range");
  EXPECT_EQ(error_at(R"({"must": [{"key": "created_at", "range": {"gt": "yesterday"}}]})"),
            "/must/0/range/gt");
  EXPECT_EQ(error_at(R"({"must": [{"key": "created_at", "match": "2024-02-30"}]})"),
            "/must/0/match");
}

TEST(ParseFilter, HasLimits) {
  json filter{{"must", json::array()}};
  for (int i = 0; i < 64; ++i) filter["must"].push_back({{"key", "a"}, {"match", i}});
  EXPECT_TRUE(parse_filter(filter));
  filter["should"].push_back({{"key", "a"}, {"match", 1}});
  auto parsed = parse_filter(filter);
  ASSERT_FALSE(parsed);
  json many{{"must", {{{"key", "a"}, {"any", json::array()}}}}};
  for (int i = 0; i < 1024; ++i) many["must"][0]["any"].push_back(i);
  EXPECT_TRUE(parse_filter(many));
  many["must"][0]["any"].push_back(0);
  ASSERT_FALSE(parse_filter(many));
  EXPECT_EQ(parse_filter(many).error().pointer, "/must/0/any/1024");
}

TEST(Matches, ValuesByTypeAndPath) {
  constexpr auto metadata =
      R"({"n": 3, "s": "3", "t": true, "null": null, "list": ["a", 2, ["deep"]], "empty": [],
    "author": {"name": "Ada", "born": 1815}, "authors": [{"name": "A"}, {"name": "B"}], "x.y": "literal", "": {"k": 1}})";
  EXPECT_TRUE(must(R"({"key": "n", "match": 3})", metadata));
  EXPECT_TRUE(must(R"({"key": "n", "match": 3.0})", metadata));
  EXPECT_FALSE(must(R"({"key": "n", "match": "3"})", metadata));
  EXPECT_FALSE(must(R"({"key": "t", "match": 1})", metadata));
  EXPECT_TRUE(must(R"({"key": "t", "match": true})", metadata));
  EXPECT_TRUE(must(R"({"key": "list", "match": 2})", metadata));
  EXPECT_TRUE(must(R"({"key": "list", "match": "deep"})", metadata));
  EXPECT_TRUE(must(R"({"key": "author.name", "match": "Ada"})", metadata));
  EXPECT_TRUE(must(R"({"key": "authors.name", "any": ["C", "B"]})", metadata));
  EXPECT_FALSE(must(R"({"key": "authors.name", "any": ["C", "D"]})", metadata));
  EXPECT_TRUE(must(R"({"key": "x.y", "match": "literal"})", metadata));
  EXPECT_TRUE(must(R"({"key": ".k", "match": 1})", metadata));
  EXPECT_FALSE(must(R"({"key": "author", "match": "Ada"})", metadata));
  for (auto key : {"n", "author", "author.born", "list", "authors.name"})
    EXPECT_TRUE(must(std::string(R"({"key": ")") + key + R"(", "exists": true})", metadata)) << key;
  for (auto key : {"null", "empty", "author.age", "authors.name.first", "nothing"})
    EXPECT_TRUE(must(std::string(R"({"key": ")") + key + R"(", "exists": false})", metadata))
        << key;
}

TEST(Matches, Ranges) {
  EXPECT_TRUE(must(R"({"key": "n", "range": {"gte": 3, "lt": 4}})", R"({"n": 3})"));
  EXPECT_FALSE(must(R"({"key": "n", "range": {"gt": 3}})", R"({"n": 3})"));
  EXPECT_TRUE(must(R"({"key": "n", "range": {"gt": 3}})", R"({"n": [1, 9]})"));
  EXPECT_FALSE(must(R"({"key": "n", "range": {"gt": 3, "lt": 8}})", R"({"n": [1, 9]})"))
      << "one element must be within";
  EXPECT_FALSE(must(R"({"key": "n", "range": {"gte": 3}})", R"({"n": "3"})"));
  EXPECT_TRUE(must(R"({"key": "d", "range": {"gte": "2024-01-01", "lt": "2025"}})",
                   R"({"d": "2024-06-30"})"));
  EXPECT_FALSE(must(R"({"key": "d", "range": {"gte": "2024-01-01", "lt": "2025"}})",
                    R"({"d": "2025-01-01"})"));
}

TEST(Matches, Clauses) {
  constexpr auto a = R"({"key": "a", "match": 1})", b = R"({"key": "b", "match": 1})";
  auto filter = [&](const char* clause) {
    return std::string("{\"") + clause + "\": [" + a + ", " + b + "]}";
  };
  EXPECT_TRUE(match(filter("must"), R"({"a": 1, "b": 1})"));
  EXPECT_FALSE(match(filter("must"), R"({"a": 1})"));
  EXPECT_TRUE(match(filter("should"), R"({"a": 1})"));
  EXPECT_FALSE(match(filter("should"), "{}"));
  EXPECT_TRUE(match(filter("must_not"), "{}"));
  EXPECT_FALSE(match(filter("must_not"), R"({"b": 1})"));
  EXPECT_TRUE(match("{}", "{}"));
  EXPECT_FALSE(match(filter("must"), "not json"));
}

TEST(Matches, DocumentFields) {
  FilterSubject subject{.document_id = "doc-1",
                        .title = "A Title",
                        .filename = "",
                        .mime = "text/plain",
                        .metadata = R"({"title": "shadowed", "mime": {"deep": 1}})",
                        .created_ms = 1'714'557'600'000,
                        .updated_ms = 1'714'557'600'500}; // 2024-05-01T10:00:00Z
  auto must_match = [&](const std::string& condition) {
    return match(R"({"must": [)" + condition + "]}", subject);
  };
  EXPECT_TRUE(must_match(R"({"key": "document_id", "any": ["x", "doc-1"]})"));
  EXPECT_TRUE(must_match(R"({"key": "document_id", "range": {"gte": "doc-", "lt": "doc-2"}})"));
  EXPECT_TRUE(must_match(R"({"key": "title", "match": "A Title"})"));
  EXPECT_FALSE(must_match(R"({"key": "title", "match": "shadowed"})"));
  EXPECT_TRUE(must_match(R"({"key": "filename", "exists": false})"));
  EXPECT_TRUE(must_match(R"({"key": "mime", "match": "text/plain"})"));
  EXPECT_TRUE(must_match(R"({"key": "mime.deep", "match": 1})"));
  EXPECT_TRUE(must_match(R"({"key": "created_at", "match": "2024-05-01T12:00:00+02:00"})"));
  EXPECT_TRUE(must_match(R"({"key": "created_at", "match": 1714557600000})"));
  EXPECT_FALSE(must_match(R"({"key": "updated_at", "match": "2024-05-01T10:00:00Z"})"));
  EXPECT_TRUE(must_match(R"({"key": "updated_at", "match": "2024-05-01T10:00:00.5Z"})"));
  EXPECT_TRUE(
      must_match(R"({"key": "created_at", "range": {"gte": "2024-05-01", "lt": "2024-05-02"}})"));
  EXPECT_FALSE(must_match(R"({"key": "created_at", "range": {"gt": "2024-05-01T10:00:00.000Z"}})"));
  EXPECT_TRUE(must_match(R"({"key": "created_at", "range": {"lte": 1714557600000}})"));
}

// A random metadata value; few distinct ones, so that conditions hit.
json random_value(std::mt19937& random, int depth) {
  switch (random() % (depth > 2 ? 5 : 8)) {
  case 0:
    return static_cast<int>(random() % 4) - 1;
  case 1:
    return static_cast<double>(random() % 4) / 2;
  case 2:
    return std::string(1, static_cast<char>('a' + random() % 3));
  case 3:
    return random() % 2 == 0;
  case 4:
    return nullptr;
  case 5: {
    json out = json::array();
    for (auto left = random() % 3; left > 0; --left) out.push_back(random_value(random, depth + 1));
    return out;
  }
  default: {
    static const std::vector<std::string> keys{"a", "b", "a.b", "", "title"};
    json out = json::object();
    for (auto left = random() % 4; left > 0; --left)
      out[keys[random() % keys.size()]] = random_value(random, depth + 1);
    return out;
  }
  }
}

json random_condition(std::mt19937& random) {
  static const std::vector<std::string> keys{
      "a",     "b",    "a.b",      "a.a",         "b.a.b",      "a.",         ".a",     "a.b.b",
      "title", "mime", "filename", "document_id", "created_at", "updated_at", "unknown"};
  json out{{"key", keys[random() % keys.size()]}};
  bool date = out["key"] == "created_at" || out["key"] == "updated_at";
  auto value = [&]() -> json {
    switch (random() % 4) {
    case 0:
      return random() % 2 == 0;
    case 1:
      return static_cast<double>(random() % 6) / 2 - 1;
    default:
      if (date) return "1970-01-01T00:00:00.00" + std::to_string(random() % 5) + "Z";
      return out["key"] == "document_id" ? "d" + std::to_string(random() % 300)
                                         : std::string(1, static_cast<char>('a' + random() % 3));
    }
  };
  switch (random() % 4) {
  case 0:
    out["match"] = value();
    break;
  case 1:
    for (auto left = 1 + random() % 3; left > 0; --left) out["any"].push_back(value());
    break;
  case 2: {
    bool text = random() % 2 == 0;
    auto bound = [&] {
      for (;;)
        if (auto chosen = value(); chosen.is_string() == text && !chosen.is_boolean())
          return chosen;
    };
    if (random() % 2 == 0) out["range"][random() % 2 == 0 ? "gt" : "gte"] = bound();
    if (random() % 2 == 0 || !out.contains("range"))
      out["range"][random() % 2 == 0 ? "lt" : "lte"] = bound();
    break;
  }
  default:
    out["exists"] = random() % 2 == 0;
  }
  return out;
}

TEST(FilterSet, EqualsMatchesForEveryDocument) {
  std::mt19937 random{17};
  for (std::uint32_t shards : {1U, 2U, 16U}) {
    Corpus corpus{shards};
    for (int i = 0; i < 600; ++i) {
      auto document = make_document("d" + std::to_string(random() % 300), {"word", "word"});
      json metadata = json::object();
      for (const char* key : {"a", "b", "a.b", "", "title"})
        if (random() % 2 == 0) metadata[key] = random_value(random, 0);
      document->metadata = metadata.dump();
      if (random() % 2 == 0)
        document->title = std::string(1, static_cast<char>('a' + random() % 3));
      if (random() % 2 == 0)
        document->filename = std::string(1, static_cast<char>('a' + random() % 3));
      document->mime = random() % 2 == 0 ? "a" : "b";
      document->created_ms = static_cast<std::int64_t>(random() % 5);
      document->updated_ms = static_cast<std::int64_t>(random() % 5);
      corpus.put(document);
      if (random() % 5 == 0) corpus.remove("d" + std::to_string(random() % 300));
    }
    auto view = corpus.index->view();
    std::size_t passed = 0, asked = 0;
    for (int i = 0; i < 400; ++i) {
      json text = json::object();
      for (const char* clause : {"must", "should", "must_not"})
        for (auto left = random() % 3; left > 0; --left)
          text[clause].push_back(random_condition(random));
      auto filter = parse_filter(text);
      ASSERT_TRUE(filter) << text << filter.error().pointer << filter.error().detail;
      auto set = view.compile(*filter);
      view.for_each_chunk([&](ChunkRef ref) {
        const auto& document = *view.chunk(ref).document;
        bool expected =
            matches(*filter, {document.id, document.title, document.filename, document.mime,
                              document.metadata, document.created_ms, document.updated_ms});
        EXPECT_EQ(view.passes(ref, set), expected) << text << "\n"
                                                   << document.id << " " << document.metadata;
        passed += expected ? 1 : 0;
        ++asked;
        return !::testing::Test::HasFailure();
      });
      ASSERT_FALSE(::testing::Test::HasFailure());
    }
    EXPECT_GT(passed, asked / 20);
    EXPECT_LT(passed, asked);
  }
}

TEST(FilterSet, HoldsNoDeadDocuments) {
  Corpus corpus{1};
  corpus.put(make_document("a", {"word"}, R"({"k": 1})"));
  corpus.put(make_document("b", {"word"}, R"({"k": 1})"));
  corpus.remove("a");
  Filter filter;
  filter.must.push_back({.kind = Condition::Kind::match, .key = "k", .values = {1.0}});
  auto view = corpus.index->view();
  auto set = view.compile(filter);
  EXPECT_FALSE(set.test(0, 0));
  EXPECT_TRUE(set.test(0, 1));
  EXPECT_FALSE(set.test(0, 1000));
}

} // namespace
} // namespace graphrag::chunk::testing
