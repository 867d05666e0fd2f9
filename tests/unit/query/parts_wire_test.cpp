// What goes over the wire between parts: comes back as it was, and nonsense is an error.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/query/parts_fixture.hpp"

namespace graphrag::query::parts {
namespace {

TEST(PartsWire, FiltersComeBackAsTheyWere) {
  for (const auto* text :
       {R"({"must":[{"key":"a.b","match":"x"},{"key":"n","match":2.5},{"key":"t","match":true}]})",
        R"({"should":[{"key":"a","any":["x",3,false]}],"must_not":[{"key":"b","exists":false}]})",
        R"({"must":[{"key":"year","range":{"gt":1,"lte":1e300}},
                    {"key":"created_at","range":{"gte":"2024-05-01","lt":"2024-06-01T10:00:00Z"}}]})",
        R"({"must":[{"key":"名","match":"松江镇 \"x\" \\ \u0000"}]})"}) {
    const auto filter = chunk::parse_filter(nlohmann::json::parse(text));
    ASSERT_TRUE(filter) << text;
    const auto again = read_filter(filter_text(*filter));
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(filter_text(*again), filter_text(*filter));
    EXPECT_EQ(nlohmann::json::parse(filter_text(*filter)), nlohmann::json::parse(text));
  }
  EXPECT_TRUE(read_filter("")->empty());
  EXPECT_FALSE(read_filter("{"));
  EXPECT_FALSE(read_filter(std::string(100'000, '[')));
}

TEST(PartsWire, ErrorsComeBackAsTheyWere) {
  for (const auto code : {runtime::Errc::not_found, runtime::Errc::overloaded, runtime::Errc::io}) {
    const auto answer = unpack_response(pack(runtime::Error{code, "why"}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, code);
    EXPECT_EQ(answer.error().detail, "why");
  }
}

TEST(PartsWire, AnotherVersionIsRefused) {
  Request request;
  auto bytes = pack(request);
  ASSERT_EQ(bytes[3], static_cast<char>(wire_version)); // after the array's head
  bytes[3] = static_cast<char>(wire_version + 1);
  EXPECT_EQ(unpack_request(bytes).error().code, runtime::Errc::invalid_argument);
  auto answer = pack(Response{});
  answer[3] = static_cast<char>(wire_version + 1);
  EXPECT_EQ(unpack_response(answer).error().code, runtime::Errc::corrupt);
}

Response small_response() {
  Response response;
  response.session = 1;
  response.chunks = 5;
  response.rows.refs.add({0, 1});
  response.rows.index = {0};
  response.rows.flags = {RowFlag::passes};
  response.rows.similarity = {0.5F};
  response.rows.documents = {"d"};
  response.rows.width = 1;
  response.rows.contributions = {1.5F};
  response.top = {{0}, {1.5F}};
  auto& passage = response.passages.emplace_back();
  passage.text = "Ünder";
  passage.sentences = {0, 6};
  passage.mention_keys = {7};
  passage.mention_spans = {0, 2};
  passage.mention_kinds = {1};
  return response;
}

TEST(PartsWire, WhatDoesNotFitTogetherIsRefused) {
  ASSERT_TRUE(unpack_response(pack(small_response())));
  const std::vector<std::function<void(Response&)>> lies{
      [](auto& r) { r.rows.index.push_back(1); },
      [](auto& r) { r.rows.width = 2; },
      [](auto& r) { r.rows.contributions = {std::numeric_limits<float>::quiet_NaN()}; },
      [](auto& r) { r.rows.contributions = {-1}; },
      [](auto& r) { r.rows.similarity = {std::numeric_limits<float>::infinity()}; },
      [](auto& r) { r.rows.documents = {"\xff"}; },
      [](auto& r) { r.top.rows = {1}; },
      [](auto& r) {
        r.top.scores = {1, 2};
      },
      [](auto& r) {
        r.nearest = {{0}, {1e30F}};
      },
      [](auto& r) { r.passages[0].row = 1; },
      [](auto& r) {
        r.passages[0].sentences = {0, 7};
      },
      [](auto& r) {
        r.passages[0].sentences = {1, 6};
      }, // within a character
      [](auto& r) {
        r.passages[0].sentences = {6, 0};
      },
      [](auto& r) { r.passages[0].mention_spans = {0}; },
      [](auto& r) { r.passages[0].text = "\xc3"; },
      [](auto& r) { r.names.asked = {0}; },
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    auto response = small_response();
    lies[i](response);
    EXPECT_FALSE(unpack_response(pack(response))) << i;
  }
}

// A list that says it is long is not believed before its elements are there.
TEST(PartsWire, LengthsThatLieAllocateNothing) {
  const std::string long_array{"\xdd\xff\xff\xff\xff\x01\x00", 7};
  EXPECT_FALSE(unpack_response(long_array));
  EXPECT_FALSE(unpack_request(long_array));
  EXPECT_FALSE(unpack_response(std::string(1 << 20, '\x91'))); // nested without end
  EXPECT_FALSE(unpack_response(""));
}

std::string mutated(std::string bytes, World& world) {
  for (std::size_t i = 0, count = 1 + world.below(4); i < count && !bytes.empty(); ++i) {
    const auto at = world.below(bytes.size());
    switch (world.below(5)) {
    case 0:
      bytes[at] = static_cast<char>(world.below(256));
      break;
    case 1:
      bytes[at] = static_cast<char>(bytes[at] ^ 1 << world.below(8));
      break;
    case 2:
      bytes.resize(at);
      break;
    case 3:
      bytes.erase(at, 1 + world.below(8));
      break;
    default:
      bytes.insert(at, bytes.substr(world.below(bytes.size()), 1 + world.below(16)));
    }
  }
  return bytes;
}

// Parts that answer with changed bytes: the question is answered or ends with an error.
TEST(PartsWire, ChangedAnswersNeverCrashAQuestion) {
  World world{31};
  SpreadCollection collection{4, deal(4, 2, world)};
  world.fill(collection, 60, 40);
  std::size_t broken = 0, answered = 0;
  for (int i = 0; i < 400; ++i) {
    Question question;
    question.text = world.question();
    question.explain = true;
    question.vector = world.vector(8);
    question.vector_model = "m";
    question.mode = i % 7 == 0 ? Mode::local : Mode::hybrid;
    const auto round = 1 + world.below(4);
    const auto part = world.below(2);
    collection.port.fault = [&](std::size_t now, std::size_t at, auto answer) {
      if (now == round && at == part && answer) answer = mutated(*answer, world);
      return answer;
    };
    const auto asked = collection.ask_parts(question);
    (asked.broken ? broken : answered) += 1;
    for (const auto& hit : asked.result.hits) EXPECT_TRUE(std::isfinite(hit.score));
  }
  EXPECT_GT(broken, 50U);
  EXPECT_GT(answered, 5U);
}

TEST(PartsWire, ChangedRequestsAreAnsweredOrRefused) {
  World world{32};
  SpreadCollection collection{4, {{0, 1, 2, 3}}};
  world.fill(collection, 60, 40);
  auto& sessions = *collection.port.nodes[0];
  std::vector<std::string> heard;
  struct Tap final : PartPort {
    PartSessions& to;
    std::vector<std::string>& heard;
    Tap(PartSessions& sessions, std::vector<std::string>& out) : to(sessions), heard(out) {}
    std::vector<runtime::Result<std::string>> ask(std::span<const std::string> requests,
                                                  runtime::SteadyTime) override {
      heard.push_back(requests[0]);
      return {to.serve(requests[0])};
    }
    void tell(std::span<const std::string>) noexcept override {} // the session stays open
  } tap{sessions, heard};
  std::size_t refused = 0;
  for (int i = 0; i < 20; ++i) {
    Question question;
    question.text = world.question();
    PartsView view{tap, *collection.clock, collection.spread(), collection.deadline()};
    run(view, question);
  }
  for (int i = 0; i < 3000; ++i) {
    const auto answer =
        unpack_response(sessions.serve(mutated(heard[world.below(heard.size())], world)));
    refused += answer ? 0 : 1;
  }
  EXPECT_GT(refused, 1000U);
  collection.clock->advance(std::chrono::minutes(2));
  sessions.sweep();
  EXPECT_EQ(sessions.size(), 0U);
}

} // namespace
} // namespace graphrag::query::parts
