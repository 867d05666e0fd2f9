#include "runtime/models/model_port.hpp"

#include <atomic>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/stub_model_server.hpp"

namespace graphrag::runtime::models {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::chat_body;
using test::StubConnection;
using test::StubModelServer;
using test::StubRequest;

class Port : public testing::Test {
protected:
  // A port whose every purpose goes to one scripted server, which lives until the fixture ends: a
  // script may refer to locals of its test only before its last byte is sent.
  ModelPort start(StubModelServer::Script script) {
    server_ = std::make_unique<StubModelServer>(std::move(script));
    endpoint_.name = "port";
    endpoint_.base_url = server_->url("/v1");
    endpoint_.model = "m";
    static const std::shared_ptr<http::Client> client = std::move(*http::Client::make());
    CallerParts parts{client, std::make_shared<ManualClock>(), budget_};
    parts.sleep = [](auto, auto) { return true; };
    const auto caller = *EndpointCaller::make(endpoint_, parts);
    return ModelPort{{caller, caller, caller, caller, caller}};
  }
  // The same with one whole answer to everything.
  ModelPort saying(const std::string& text) {
    return start([text](const StubRequest&, StubConnection& c) { c.reply(200, chat_body(text)); });
  }
  json request(std::size_t number) const {
    return json::parse(server_->requests().at(number).body);
  }

  ModelEndpoint endpoint_;
  std::shared_ptr<Budget> budget_ = std::make_shared<Budget>();
  CallContext context_{"c", std::nullopt, {}};
  std::unique_ptr<StubModelServer> server_;
};

std::string event(const std::string& text) {
  return "data: " + json{{"choices", {{{"delta", {{"content", text}}}}}}}.dump() + "\r\n\r\n";
}
const std::string sse_head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

TEST_F(Port, IsOffByDefault) {
  const ModelPort port;
  EXPECT_FALSE(port.has(Purpose::embed));
  EXPECT_EQ(port.embed(context_, {"a"}).error().code, Errc::not_found);
  EXPECT_EQ(port.rerank(context_, "q", {"a"}).error().code, Errc::not_found);
  EXPECT_EQ(port.extract(context_, "a").error().code, Errc::not_found);
  EXPECT_EQ(port.summarise(context_, {"a"}).error().code, Errc::not_found);
  EXPECT_EQ(port.answer(context_, "q", {"a"}).error().code, Errc::not_found);
}

TEST_F(Port, RefusesEmptyInputWithoutACall) {
  const auto port = saying("x");
  EXPECT_EQ(port.embed(context_, {"a", ""}).error().code, Errc::invalid_argument);
  EXPECT_EQ(port.rerank(context_, "", {"a"}).error().code, Errc::invalid_argument);
  EXPECT_EQ(port.extract(context_, "").error().code, Errc::invalid_argument);
  EXPECT_EQ(port.summarise(context_, {}).error().code, Errc::invalid_argument);
  EXPECT_EQ(port.answer(context_, "", {"a"}).error().code, Errc::invalid_argument);
  EXPECT_EQ(port.answer(context_, "q", {}).error().code, Errc::invalid_argument);
  EXPECT_EQ(port.embed(context_, {})->size(), 0u);
  EXPECT_EQ(port.rerank(context_, "q", {})->size(), 0u);
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(Port, EmbedsInBatchesAndKeepsTheOrder) {
  endpoint_.batch_texts = 2;
  endpoint_.max_prompt_bytes = 1024;
  const auto port = start([](const StubRequest& request, StubConnection& c) {
    json data = json::array();
    const auto input = json::parse(request.body).at("input");
    for (std::size_t i = input.size(); i-- > 0;) // in reverse: the index counts
      data.push_back({{"index", i}, {"embedding", {input[i].get<std::string>().size(), 1}}});
    c.reply(200, json{{"data", data}}.dump());
  });
  const std::vector<std::string> texts{"a", "bb", "ccc", std::string(1000, 'd'),
                                       std::string(3000, 'e')};
  const auto vectors = port.embed(context_, texts);
  ASSERT_TRUE(vectors) << vectors.error().detail;
  EXPECT_EQ(*vectors, (std::vector<Vector>{{1, 1}, {2, 1}, {3, 1}, {1000, 1}, {1024, 1}}));
  EXPECT_EQ(server_->requests().size(), 3u); // a bb | ccc d | e, cut
}

TEST_F(Port, EveryBatchHasTheDimensionOfTheFirst) {
  endpoint_.batch_texts = 1;
  const auto port = start([](const StubRequest& request, StubConnection& c) {
    c.reply(200, request.number == 0 ? R"({"data":[{"index":0,"embedding":[1,2]}]})"
                                     : R"({"data":[{"index":0,"embedding":[1,2,3]}]})");
  });
  EXPECT_EQ(port.embed(context_, {"a", "b"}).error().code, Errc::corrupt);
}

TEST_F(Port, Reranks) {
  const auto port = start([](const StubRequest&, StubConnection& c) {
    c.reply(200,
            R"({"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}]})");
  });
  EXPECT_EQ(*port.rerank(context_, "q", {"a", "b"}), (std::vector<double>{0.1, 0.9}));
  EXPECT_EQ(server_->requests().at(0).target, "/v1/rerank");
  EXPECT_EQ(port.rerank(context_, "q", {"a", "b", "c"}).error().code, Errc::corrupt);
}

TEST_F(Port, ExtractsOnlyWhatStandsInTheText) {
  const std::string text = "Ada Lovelace lived in London.";
  const auto port = start([](const StubRequest& request, StubConnection& c) {
    const auto lie = request.number == 1 ? "Paris" : "London";
    c.reply(200, chat_body(json{{"names", {{{"name", lie}, {"kind", "place"}}}},
                                {"relations", json::array()}}
                               .dump()));
  });
  const auto read = port.extract(context_, text);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->names.at(0).name, "London");
  EXPECT_EQ(request(0).at("response_format").at("type"), "json_schema");
  const auto lied = port.extract(context_, text);
  EXPECT_EQ(lied.error().code, Errc::corrupt);
  EXPECT_EQ(lied.error().detail.find("Paris"), std::string::npos);
  EXPECT_EQ(server_->requests().size(), 2u);
  EXPECT_EQ(budget_->spent("c", 0).tokens, 20) << "a lie costs its tokens too";
}

TEST_F(Port, ANameBeyondTheCutOfTheTextIsALie) {
  endpoint_.max_prompt_bytes = 1024;
  const auto port = saying(R"({"names":[{"name":"London","kind":"place"}],"relations":[]})");
  EXPECT_TRUE(port.extract(context_, "London" + std::string(2000, '.')));
  EXPECT_EQ(port.extract(context_, std::string(2000, '.') + "London").error().code, Errc::corrupt);
}

TEST_F(Port, Summarises) {
  const auto port = saying("In short.");
  EXPECT_EQ(*port.summarise(context_, {"a", "b"}), "In short.");
  EXPECT_EQ(request(0).at("max_tokens"), endpoint_.max_output_tokens);
  EXPECT_EQ(saying("").summarise(context_, {"a"}).error().code, Errc::corrupt);
}

TEST_F(Port, AnswersWithCitationsOfItsSources) {
  EXPECT_EQ(*saying("Yes [2].").answer(context_, "q?", {"a", "b"}), "Yes [2].");
  EXPECT_EQ(saying("Yes [3].").answer(context_, "q?", {"a", "b"}).error().code, Errc::corrupt);
  EXPECT_EQ(saying("").answer(context_, "q?", {"a", "b"}).error().code, Errc::corrupt);
}

TEST_F(Port, StreamsAnAnswerSplitAtEveryByte) {
  const auto body = event("Yes ") + event("[") + event("2]") + event(" über") +
                    R"(data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}})"
                    "\n\ndata: [DONE]\n\n";
  // The server outlives this body, and may still be sending when the end mark has been seen: the
  // script owns what it reads.
  const auto split = std::make_shared<std::atomic<std::size_t>>(0);
  const auto port = start([body, split](const StubRequest&, StubConnection& c) {
    const auto at = split->load();
    c.send(sse_head + body.substr(0, at));
    c.send(body.substr(at));
    c.close();
  });
  for (; *split <= body.size(); ++*split) {
    std::string got;
    const auto answer = port.answer(context_, "q?", {"a", "b"}, [&](std::string_view part) {
      got += part;
      return true;
    });
    ASSERT_TRUE(answer) << *split << ": " << answer.error().detail;
    EXPECT_EQ(*answer, "Yes [2] über");
    EXPECT_EQ(got, *answer);
  }
  EXPECT_EQ(request(0).at("stream"), true);
  EXPECT_EQ(budget_->spent("c", 0).tokens, static_cast<std::int64_t>(2 * (body.size() + 1)));
}

TEST_F(Port, AStreamedCitationOfNoSourceIsNeverHandedOn) {
  const auto port = start([](const StubRequest&, StubConnection& c) {
    c.send(sse_head + event("Yes [1") + event("7") + event("].") + event("more"));
    c.wait_until_left(); // the caller leaves by itself
  });
  std::string got;
  const auto answer = port.answer(context_, "q?", {"a", "b"}, [&](std::string_view part) {
    got += part;
    return true;
  });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::corrupt);
  EXPECT_EQ(got, "Yes ");
}

TEST_F(Port, AStreamThatBreaksOffIsRetriedOnlyBeforeItsFirstPart) {
  std::atomic<bool> early{true};
  const auto port = start([&](const StubRequest& request, StubConnection& c) {
    c.send(sse_head);
    if (request.number > 0) { // the first has no end mark, but no text either
      if (!early) c.send(event("half"));
      c.send("data: {\"error\":{}}\n\n");
    }
    c.close();
  });
  const auto ask = [&] {
    std::string got;
    const auto answer = port.answer(context_, "q?", {"a"}, [&](std::string_view part) {
      got += part;
      return true;
    });
    return answer.error().code;
  };
  EXPECT_EQ(ask(), Errc::corrupt); // ended in an orderly way without its end mark
  EXPECT_EQ(server_->requests().size(), 1u);
  EXPECT_EQ(ask(), Errc::unavailable);
  EXPECT_EQ(server_->requests().size(), 4u); // nothing was handed on: three attempts
  early = false;
  EXPECT_EQ(ask(), Errc::unavailable);
  EXPECT_EQ(server_->requests().size(), 5u);
}

TEST_F(Port, TheReaderOfAnAnswerCanStopIt) {
  const auto port = start([](const StubRequest&, StubConnection& c) {
    c.send(sse_head + event("one") + event("two"));
    c.wait_until_left();
  });
  int parts = 0;
  const auto answer = port.answer(context_, "q?", {"a"}, [&](std::string_view) {
    ++parts;
    return false;
  });
  EXPECT_EQ(answer.error().code, Errc::canceled);
  EXPECT_EQ(parts, 1);
}

TEST_F(Port, ATooLargeAnswerIsRefused) {
  const auto port = start([](const StubRequest&, StubConnection& c) {
    c.reply(200, std::string(8 * 1024 * 1024 + 1, ' '));
  });
  EXPECT_EQ(port.embed(context_, {"a"}).error().code, Errc::io);
}

TEST_F(Port, TextThatIsNoUtf8IsStillSent) {
  const auto port =
      start([](const StubRequest&, StubConnection& c) { c.reply(200, test::embedding_body(1)); });
  EXPECT_TRUE(port.embed(context_, {"a\xFF"}));
  EXPECT_EQ(request(0).at("input").at(0), "a\xEF\xBF\xBD");
}

} // namespace
} // namespace graphrag::runtime::models
