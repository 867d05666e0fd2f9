#include "runtime/models/chat.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/models/citations.hpp"

namespace graphrag::runtime::models {
namespace {

using nlohmann::json;

std::vector<std::string> events_of(std::string_view bytes, std::size_t split = 0) {
  std::vector<std::string> events;
  SseParser parser{[&](const std::string& data) {
    events.push_back(data);
    return true;
  }};
  parser.feed(bytes.substr(0, split));
  parser.feed(bytes.substr(split));
  return events;
}

TEST(Sse, ReadsEventsSplitAtEveryByte) {
  const std::string stream =
      "\xEF\xBB\xBF: hello\r\n\r\ndata: one\r\n\r\nid: 4\nevent: x\ndata:two\n"
      "data:  three\n\n:c\n\ndata\n\ndata: \xC3\xA9\r\rretry: 1\n\n"
      "data: lost at the end\n";
  const std::vector<std::string> expected{"one", "two\n three", "", "\xC3\xA9"};
  for (std::size_t split = 0; split <= stream.size(); ++split)
    EXPECT_EQ(events_of(stream, split), expected) << "split at " << split;
}

TEST(Sse, BoundsAnEventAndStopsWhenToldTo) {
  int events = 0;
  SseParser small{[&](const std::string&) { return ++events < 2; }, 100};
  EXPECT_TRUE(small.feed("data: a\n\n"));
  EXPECT_FALSE(small.feed("data: b\n\ndata: c\n\n"));
  EXPECT_FALSE(small.feed("data: d\n\n"));
  EXPECT_EQ(events, 2);
  EXPECT_FALSE(small.too_large());
  SseParser long_line{[](const std::string&) { return true; }, 100};
  EXPECT_FALSE(long_line.feed(std::string(101, 'x')));
  EXPECT_TRUE(long_line.too_large());
  SseParser many_lines{[](const std::string&) { return true; }, 100};
  bool open = true;
  for (int i = 0; open && i < 100; ++i) open = many_lines.feed("data: 12345678\n");
  EXPECT_TRUE(many_lines.too_large());
}

TEST(ChatWire, WritesItsRequest) {
  using Role = ChatMessage::Role;
  ChatOptions options{.max_output_tokens = 5, .json_schema = R"({"type":"object"})"};
  const auto request = json::parse(chat_request(
      "m", {{Role::system, "s"}, {Role::user, "u"}, {Role::assistant, "a"}}, options, true));
  EXPECT_EQ(request.at("model"), "m");
  EXPECT_EQ(request.at("max_tokens"), 5);
  EXPECT_EQ(request.at("messages"), (json{{{"role", "system"}, {"content", "s"}},
                                          {{"role", "user"}, {"content", "u"}},
                                          {{"role", "assistant"}, {"content", "a"}}}));
  EXPECT_EQ(request.at("stream"), true);
  EXPECT_EQ(request.at("response_format").at("json_schema").at("schema").at("type"), "object");
  EXPECT_FALSE(json::parse(chat_request("m", {}, {}, false)).contains("stream"));
}

TEST(ChatWire, ReadsAWholeAnswer) {
  const auto answer =
      read_chat(R"({"choices":[{"message":{"content":"hi"},"finish_reason":"length"}],
                                    "usage":{"prompt_tokens":3,"completion_tokens":1}})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "hi");
  EXPECT_TRUE(answer->cut);
  EXPECT_EQ(answer->usage, (Usage{3, 1}));
  for (const char* bad : {"", "{}", R"({"choices":[]})", R"({"choices":[{}]})", R"({"choices":5})",
                          R"({"choices":[{"message":{"content":null}}]})",
                          R"({"choices":[{"message":{"content":["hi"]}}]})",
                          R"({"choices":[{"message":{"content":"","refusal":"no"}}]})",
                          R"({"error":{"message":"x"}})"}) {
    ASSERT_FALSE(read_chat(bad)) << bad;
    EXPECT_EQ(read_chat(bad).error().code, Errc::corrupt);
  }
}

std::string delta(const std::string& text) {
  return "data: " + json{{"choices", {{{"delta", {{"content", text}}}}}}}.dump() + "\n\n";
}

struct Streamed {
  Result<ChatAnswer> answer;
  std::string text;
};
Streamed stream(std::string_view bytes, std::size_t split = 0) {
  std::string text;
  ChatStream chat{[&](std::string_view part) {
    text += part;
    return true;
  }};
  if (chat.feed(bytes.substr(0, split))) chat.feed(bytes.substr(split));
  return {chat.finish(), text};
}

TEST(ChatStreamed, IsTheSameSplitAtEveryByte) {
  const auto bytes = R"(data: {"choices":[{"delta":{"role":"assistant"}}]})"
                     "\r\n\r\n" +
                     delta("Grüße, ") + ": keep-alive\n\n" + delta("世界") +
                     R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}]})"
                     "\n\n"
                     R"(data: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}})"
                     "\n\ndata: [DONE]\n\n";
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    const auto [answer, text] = stream(bytes, split);
    ASSERT_TRUE(answer) << "split at " << split << ": " << answer.error().detail;
    EXPECT_EQ(answer->text, "Grüße, 世界");
    EXPECT_EQ(text, answer->text);
    EXPECT_EQ(answer->usage, (Usage{4, 2}));
    EXPECT_FALSE(answer->cut);
  }
}

TEST(ChatStreamed, WithoutItsEndMarkIsNoAnswer) {
  for (const auto& bytes :
       {delta("a"), delta("a") + "data: [DONE]", delta("a") + "data: [done]\n\n", std::string{}})
    EXPECT_EQ(stream(bytes).answer.error().code, Errc::corrupt) << bytes;
}

TEST(ChatStreamed, ErrorsInTheMiddleEndIt) {
  const auto failed =
      stream(delta("a") + "data: {\"error\":{\"message\":\"SECRET\"}}\n\n" + delta("b"));
  EXPECT_EQ(failed.answer.error().code, Errc::unavailable);
  EXPECT_EQ(failed.answer.error().detail.find("SECRET"), std::string::npos);
  EXPECT_EQ(failed.text, "a");
  for (const char* bad : {"data: {\n\n", "data: {}\n\n", "data: 5\n\n",
                          "data: {\"choices\":[{\"delta\":{\"content\":5}}]}\n\n",
                          "data: {\"choices\":[{\"delta\":{\"refusal\":\"no\"}}]}\n\n"}) {
    const auto broken = stream(delta("a") + bad + delta("b") + "data: [DONE]\n\n");
    EXPECT_EQ(broken.answer.error().code, Errc::corrupt) << bad;
    EXPECT_EQ(broken.text, "a");
  }
}

struct Guarded {
  bool ok;
  std::string text;
};
Guarded guard(std::string_view text, std::size_t sources, std::size_t split = 0) {
  std::string passed;
  CitationGuard citations{sources, [&](std::string_view part) {
                            passed += part;
                            return true;
                          }};
  const bool ok = citations.feed(text.substr(0, split)) && citations.feed(text.substr(split)) &&
                  citations.finish();
  EXPECT_EQ(ok, !citations.invalid());
  return {ok, passed};
}

TEST(Citations, GoodTextPassesUnchangedSplitAnywhere) {
  for (const std::string text : {"Yes [1]. And [2][3], [1, 3] and [1-3].", "[a] [ ] [[1]] [1",
                                 "an array[0x] x[i] ]1[", "[see 1] [9a]", ""})
    for (std::size_t split = 0; split <= text.size(); ++split) {
      const auto [ok, passed] = guard(text, 3, split);
      EXPECT_TRUE(ok) << text;
      EXPECT_EQ(passed, text);
    }
}

TEST(Citations, OfNoSourceAreNeverPassedOn) {
  for (const std::string text : {"Yes [4].", "Yes [0].", "Yes [1][4]", "Yes [1, 4]", "Yes [2-9]",
                                 "Yes [99999999999999999999]", "Yes [[4]]"})
    for (std::size_t split = 0; split <= text.size(); ++split) {
      const auto [ok, passed] = guard(text, 3, split);
      EXPECT_FALSE(ok) << text;
      EXPECT_EQ(passed.find_first_of("409"), std::string::npos) << passed;
    }
  EXPECT_FALSE(guard("[" + std::string(100, '0') + "4]", 3).ok) << "a number too long to hold back";
}

} // namespace
} // namespace graphrag::runtime::models
