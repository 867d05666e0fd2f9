// Several requests on one connection, handlers that answer late, from elsewhere, or never.
#include "tests/integration/http_fixture.hpp"

#include <mutex>

#include <nlohmann/json.hpp>

namespace graphrag::gateway::testing_http {
namespace {

// Keeps the responders of /wait/{n}, for the test to fulfil.
struct Waiting {
  std::mutex mutex;
  std::map<std::string, Responder> responders;

  Handler handler() {
    return [this](auto request, auto answer) {
      std::lock_guard lock{mutex};
      responders.emplace(request->params.at("n"), answer);
    };
  }
  std::size_t size() {
    std::lock_guard lock{mutex};
    return responders.size();
  }
  Responder take(const std::string& n) {
    std::lock_guard lock{mutex};
    auto node = responders.extract(n);
    return node ? node.mapped() : Responder{};
  }
};

TEST(HttpPipelining, AnswersInOrderWhateverOrderHandlersFinishIn) {
  Waiting waiting;
  TestServer server{{route("GET", "/wait/{n}", waiting.handler())}, {}, 2};
  RawClient client{server.port()};
  std::string all;
  for (int i = 0; i < 8; ++i) all += get("/wait/" + std::to_string(i));
  client.send(all);
  ASSERT_TRUE(eventually([&] { return waiting.size() == 8; }));
  for (int i = 7; i >= 0; --i) waiting.take(std::to_string(i)).fulfil(text(std::to_string(i)));
  for (int i = 0; i < 8; ++i) EXPECT_EQ(client.answer().body, std::to_string(i));
}

TEST(HttpPipelining, StopsReadingAtSixteenAndGoesOnAfterwards) {
  Waiting waiting;
  TestServer server{{route("GET", "/wait/{n}", waiting.handler())}};
  RawClient client{server.port()};
  std::string all;
  for (int i = 0; i < 40; ++i) all += get("/wait/" + std::to_string(i));
  client.send(all);
  ASSERT_TRUE(eventually([&] { return waiting.size() == 16; }));
  EXPECT_EQ(server->open_requests(), 16U);
  for (int i = 0; i < 40; ++i) {
    const auto n = std::to_string(i);
    Responder responder;
    ASSERT_TRUE(eventually([&] { return static_cast<bool>(responder = waiting.take(n)); })) << n;
    EXPECT_LE(server->open_requests(), 16U);
    responder.fulfil(text(n));
    ASSERT_EQ(client.answer().body, n);
  }
}

TEST(HttpPipelining, RunsUnsafeRequestsAlone) {
  Waiting waiting;
  std::atomic<int> posts{0};
  TestServer server{
      {route("GET", "/wait/{n}", waiting.handler()), route("POST", "/post", [&](auto, auto a) {
         ++posts;
         a.fulfil(text("posted"));
       })}};
  RawClient client{server.port()};
  client.send(get("/wait/1") + post("/post", "x") + get("/wait/2"));
  ASSERT_TRUE(eventually([&] { return waiting.size() == 1; }));
  // A round trip on another connection: whatever the first one could do, it has done.
  RawClient other{server.port()};
  EXPECT_EQ(other.ask(get("/none")).status, 404);
  EXPECT_EQ(posts, 0);
  waiting.take("1").fulfil(text("1"));
  EXPECT_EQ(client.answer().body, "1");
  EXPECT_EQ(client.answer().body, "posted");
  ASSERT_TRUE(eventually([&] { return waiting.size() == 1; }));
  waiting.take("2").fulfil(text("2"));
  EXPECT_EQ(client.answer().body, "2");
}

TEST(HttpPipelining, AnswersHundredsSentAtOnce) {
  TestServer server{trivial_routes()};
  RawClient client{server.port()};
  std::string all;
  for (int i = 0; i < 500; ++i)
    all += i % 3 == 0 ? post("/echo", std::to_string(i)) : get("/hello");
  std::jthread sender{[&] { client.send(all); }};
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(client.answer().body, i % 3 == 0 ? std::to_string(i) : "hello");
  sender.join();
}

TEST(HttpPipelining, EndsAfterARequestThatCloses) {
  TestServer server{trivial_routes()};
  RawClient client{server.port()};
  client.send(get("/hello", "Connection: close\r\n") + get("/hello"));
  EXPECT_EQ(client.answer().body, "hello");
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(client.buffered(), "");
}

TEST(HttpPipelining, AnswersWhatWasAskedBeforeTheClientStoppedSending) {
  Waiting waiting;
  TestServer server{{route("GET", "/wait/{n}", waiting.handler())}};
  RawClient client{server.port()};
  client.send(get("/wait/1") + get("/wait/2") + "GET /wai");
  client.half_close();
  ASSERT_TRUE(eventually([&] { return waiting.size() == 2; }));
  waiting.take("2").fulfil(text("2"));
  waiting.take("1").fulfil(text("1"));
  EXPECT_EQ(client.answer().body, "1");
  EXPECT_EQ(client.answer().body, "2");
  EXPECT_TRUE(client.closed_by_server());
}

TEST(HttpResponder, AnswersLostWhenItIsDropped) {
  TestServer server{{route("GET", "/drop", [](auto, auto) {}),
                     route("GET", "/throw", [](auto, auto) { throw std::runtime_error("x"); }),
                     route("GET", "/fail", [](auto, auto a) {
                       a.fulfil(runtime::fail(runtime::Errc::overloaded, "too much"));
                     })}};
  RawClient client{server.port()};
  const auto lost = client.ask(get("/drop"));
  EXPECT_EQ(lost.status, 503);
  EXPECT_EQ(nlohmann::json::parse(lost.body)["code"], "lost");
  EXPECT_EQ(client.ask(get("/throw")).status, 500);
  const auto busy = client.ask(get("/fail"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_TRUE(busy.has("retry-after: 1\r\n"));
}

TEST(HttpResponder, MayBeFulfilledAfterTheClientHasGoneAndTwice) {
  Waiting waiting;
  TestServer server{{route("GET", "/wait/{n}", waiting.handler())}, {}, 2};
  {
    RawClient client{server.port()};
    client.send(get("/wait/1"));
    ASSERT_TRUE(eventually([&] { return waiting.size() == 1; }));
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return server->open_requests() == 0; }));
  const auto responder = waiting.take("1");
  EXPECT_TRUE(responder.fulfil(text("late")));
  EXPECT_FALSE(responder.fulfil(text("later")));
}

TEST(HttpResponder, MayBeFulfilledFromManyThreads) {
  std::vector<std::jthread> threads;
  std::mutex mutex;
  TestServer server{{route("GET", "/far/{n}",
                           [&](auto request, auto answer) {
                             std::lock_guard lock{mutex};
                             threads.emplace_back([request, answer] {
                               answer.fulfil(text(request->params.at("n")));
                             });
                           })},
                    {},
                    2};
  std::vector<RawClient> clients;
  for (int c = 0; c < 8; ++c) clients.emplace_back(server.port());
  for (auto& client : clients) {
    std::string all;
    for (int i = 0; i < 16; ++i) all += get("/far/" + std::to_string(i));
    client.send(all);
  }
  for (auto& client : clients) {
    for (int i = 0; i < 16; ++i) ASSERT_EQ(client.answer().body, std::to_string(i));
  }
  std::lock_guard lock{mutex};
  for (auto& thread : threads) thread.join();
}

TEST(HttpResponder, OutlivesTheServer) {
  Waiting waiting;
  {
    TestServer server{{route("GET", "/wait/{n}", waiting.handler())}};
    RawClient client{server.port()};
    client.send(get("/wait/1"));
    ASSERT_TRUE(eventually([&] { return waiting.size() == 1; }));
  }
  EXPECT_TRUE(waiting.take("1").fulfil(text("nobody is there")));
}

} // namespace
} // namespace graphrag::gateway::testing_http
