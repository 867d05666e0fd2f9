// Answers as streams of events, and answers that a model writes: against a scripted endpoint, which
// may be slow, broken or lying.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/stub_model_server.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

struct Event {
  std::string name;
  json data;
};

std::vector<Event> events_of(const HttpAnswer& answer) {
  std::vector<Event> out;
  std::istringstream lines{answer.body};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("event: ")) out.push_back({line.substr(7), nullptr});
    if (line.starts_with("data: ") && !out.empty()) out.back().data = json::parse(line.substr(6));
  }
  return out;
}

class Answers : public testing::Test {
protected:
  // A server that knows two documents, with a model behind it when there is a script.
  void start(StubModelServer::Script script = {}, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = std::move(more);
    if (script) {
      model_ = std::make_unique<StubModelServer>(std::move(script));
      for (const auto& setting :
           {"answers.url=" + model_->url("/v1"), std::string{"answers.model=m"},
            std::string{"answers.api_key=sk-very-secret"}})
        arguments.insert(arguments.end(), {"--set", setting});
    }
    server_ = std::make_unique<ServerProcess>(folder_.path() / "data", arguments);
    http_ = std::make_unique<HttpClient>(server_->port());
    put("tower", "The tower was built in 1889 by an engineer.");
    put("bridge", "The bridge was opened in 1932 by a politician.");
  }
  void put(const std::string& id, const std::string& text) {
    ASSERT_EQ(http_->put("/api/v1/documents/" + id, {{"text", text}}).status, 200);
  }
  HttpAnswer ask(json more) {
    json body{{"query", "When was the tower built?"}};
    body.update(more);
    return http_->post("/api/v1/query", body);
  }
  std::string log() const { return server_->log(); }

  TempDir folder_;
  std::unique_ptr<StubModelServer> model_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<HttpClient> http_;
};

void reply_with(const std::string& text, StubConnection& connection) {
  connection.reply(200, chat_body(text));
}
std::string delta(const std::string& text) {
  return "data: " + json{{"choices", {{{"delta", {{"content", text}}}}}}}.dump() + "\n\n";
}
const std::string sse_head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

TEST_F(Answers, WithoutAModelExtractsAreStreamedAndNothingElseIsPromised) {
  start();
  auto refused = ask({{"answer", "generate"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json()["errors"][0]["pointer"], "/answer") << refused.body;
  auto streamed = ask({{"stream", true}});
  EXPECT_EQ(streamed.status, 200);
  EXPECT_EQ(streamed.headers["content-type"], "text/event-stream");
  auto events = events_of(streamed);
  ASSERT_GE(events.size(), 3U) << streamed.body;
  EXPECT_EQ(events.front().name, "results");
  EXPECT_EQ(events.front().data["results"][0]["document_id"], "tower");
  EXPECT_FALSE(events.front().data.contains("answer"));
  EXPECT_EQ(events[1].name, "answer");
  EXPECT_EQ(events.back().name, "done");
  const auto whole = ask(json::object()).json();
  EXPECT_EQ(events.back().data["answer"], whole["answer"]);
  EXPECT_TRUE(events.back().data.contains("consistency_token"));
  auto bare = events_of(ask({{"stream", true}, {"answer", false}}));
  ASSERT_EQ(bare.size(), 2U);
  EXPECT_FALSE(bare.back().data.contains("answer"));
  EXPECT_EQ(ask({{"answer", "perhaps"}}).status, 422);
  auto bad = ask({{"stream", true}, {"limit", 0}});
  EXPECT_EQ(bad.status, 422) << "a mistake is a problem document, not a stream";
}

TEST_F(Answers, AModelWritesFromThePassagesFoundAndIsCitedByThem) {
  start([](const StubRequest&, StubConnection& c) { reply_with("It was built in 1889 [1].", c); });
  auto answer = ask({{"answer", "generate"}}).json();
  EXPECT_EQ(answer["answer"]["text"], "It was built in 1889 [1].") << answer.dump();
  EXPECT_EQ(answer["answer"]["generated"], true);
  ASSERT_EQ(answer["answer"]["citations"].size(), 1U);
  EXPECT_EQ(answer["answer"]["citations"][0]["document_id"], "tower");
  EXPECT_EQ(answer["answer"]["citations"][0]["source"], 1);
  EXPECT_EQ(answer["partial"], false);
  auto asked = model_->requests().at(0);
  EXPECT_EQ(asked.headers.at("authorization"), "Bearer sk-very-secret");
  EXPECT_NE(asked.body.find("1889 by an engineer"), std::string::npos);
  EXPECT_EQ(ask(json::object()).json()["answer"].contains("generated"), false)
      << "only where it was asked for";
  EXPECT_EQ(model_->requests().size(), 1U);
  EXPECT_EQ(log().find("sk-very-secret"), std::string::npos);
  HttpClient admin{server_->admin_port()};
  EXPECT_EQ(admin.get("/api/v1/admin/config").body.find("sk-very-secret"), std::string::npos);
  EXPECT_NE(admin.get("/metrics").body.find("graphrag_model_"), std::string::npos);
}

TEST_F(Answers, AModelsAnswerStreamsAsItComes) {
  start([](const StubRequest&, StubConnection& c) {
    c.send(sse_head);
    for (const auto* piece : {"Built ", "in 1889 [", "1]."}) c.send(delta(piece));
    c.send("data: [DONE]\n\n");
    c.close();
  });
  auto events = events_of(ask({{"answer", "generate"}, {"stream", true}}));
  ASSERT_GE(events.size(), 4U);
  std::string text;
  for (const auto& event : events)
    if (event.name == "answer") text += event.data["text"].get<std::string>();
  EXPECT_EQ(text, "Built in 1889 [1].");
  EXPECT_EQ(events.back().data["answer"]["text"], text);
  EXPECT_EQ(events.back().data["answer"]["citations"][0]["document_id"], "tower");
}

TEST_F(Answers, ABrokenOrLyingModelLeavesTheExtract) {
  const auto turn = std::make_shared<std::atomic<unsigned>>(0); // scripts outlive this body
  start([turn](const StubRequest&, StubConnection& c) {
    switch ((*turn)++) {
    case 0:
      return reply_with("It was built by nobody [7].", c); // no such source
    case 1:
      return c.reply(400, "{}");
    case 2:
      return c.reply(200, "no JSON");
    default:
      c.send(sse_head);
      c.send(delta("Built "));
      c.close(); // in the middle
    }
  });
  const auto extract = ask(json::object()).json()["answer"];
  for (int i = 0; i < 3; ++i) {
    auto answer = ask({{"answer", "generate"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    auto body = answer.json();
    EXPECT_EQ(body["answer"], extract);
    EXPECT_EQ(body["partial"], true);
    EXPECT_EQ(body["missing"][0], "generated_answer");
    EXPECT_EQ(body["results"][0]["document_id"], "tower");
  }
  auto events = events_of(ask({{"answer", "generate"}, {"stream", true}}));
  ASSERT_EQ(events.back().name, "done");
  EXPECT_EQ(events.back().data["answer"], extract) << "what had been streamed is void";
  EXPECT_EQ(events.back().data["missing"][0], "generated_answer");
}

TEST_F(Answers, ASlowModelEndsWithItsDeadlineWhileOthersAreAnswered) {
  start([](const StubRequest&, StubConnection& c) { c.wait_until_left(); },
        {"--set", "answers.timeout=1500ms", "--set", "answers.max_calls=1"});
  const auto began = std::chrono::steady_clock::now();
  std::thread waiting{[&] {
    HttpClient other{server_->port()};
    auto answer = other.post("/api/v1/query",
                             {{"query", "When was the tower built?"}, {"answer", "generate"}});
    EXPECT_EQ(answer.json()["missing"][0], "generated_answer") << answer.body;
  }};
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ask(json::object()).status, 200);
    put("more" + std::to_string(i), "Another document.");
  }
  waiting.join();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

TEST_F(Answers, WhatACollectionMaySpendIsBoundedAlsoAfterAKill) {
  auto script = [](const StubRequest&, StubConnection& c) {
    c.reply(200, chat_body("Built in 1889 [1].", 900, 100));
  };
  start(script, {"--set", "answers.tokens_per_day=5000", "--set", "answers.max_tokens=100"});
  int generated = 0;
  for (int i = 0; i < 8; ++i)
    generated += ask({{"answer", "generate"}}).json()["answer"].contains("generated") ? 1 : 0;
  EXPECT_GE(generated, 1);
  EXPECT_LT(generated, 8) << "5,000 tokens at 1,000 each";
  server_->kill_hard();
  server_.reset();
  start(script, {"--set", "answers.tokens_per_day=5000", "--set", "answers.max_tokens=100"});
  auto after = ask({{"answer", "generate"}}).json();
  EXPECT_FALSE(after["answer"].contains("generated")) << after.dump();
  EXPECT_EQ(after["missing"][0], "generated_answer");
}

} // namespace
} // namespace graphrag::test
