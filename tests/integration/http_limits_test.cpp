// Limits of size and number, draining, stopping, running out of descriptors.
#include "tests/integration/http_fixture.hpp"

#include <sys/resource.h>

#include <mutex>

#include "observability/metrics.hpp"

namespace graphrag::gateway::testing_http {
namespace {

double rejected(const std::string& reason) {
  return observability::counter("graphrag_http_rejected_total",
                                "Connections and requests refused before a route saw them",
                                {{"reason", reason}})
      .Value();
}

TEST(HttpLimits, RefusesALargeBodyBeforeReadingIt) {
  ServerOptions options;
  options.body_limit = 1000;
  auto routes = trivial_routes();
  routes.push_back(route("POST", "/small", [](auto r, auto a) { a.fulfil(text(r->body)); }));
  routes.back().body_limit = 10;
  TestServer server{routes, options};
  RawClient client{server.port()};
  const auto answer =
      client.ask("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1073741824\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_TRUE(answer.has("connection: close\r\n"));
  EXPECT_TRUE(client.closed_by_server());

  RawClient chunked{server.port()};
  EXPECT_EQ(
      chunked
          .ask("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3E9\r\n" +
               std::string(1001, 'x'))
          .status,
      413);
  RawClient small{server.port()};
  EXPECT_EQ(small.ask(post("/small", "0123456789")).status, 200);
  EXPECT_EQ(small.ask(post("/small", "0123456789a")).status, 413);
}

TEST(HttpLimits, TheAnswerToALargeBodyReachesAClientThatKeepsSending) {
  ServerOptions options;
  options.body_limit = 1000;
  TestServer server{trivial_routes(), options};
  for (int i = 0; i < 20; ++i) {
    RawClient client{server.port()};
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n" +
                std::string(1'000'000, 'x'));
    ASSERT_EQ(client.answer().status, 413);
  }
}

TEST(HttpLimits, BoundsTheMemoryOfAllBodiesTogether) {
  ServerOptions options;
  options.max_buffered_body = 1000;
  Responder kept;
  std::mutex mutex;
  TestServer server{{route("POST", "/keep",
                           [&](auto, auto answer) {
                             std::lock_guard lock{mutex};
                             kept = answer;
                           })},
                    options};
  RawClient first{server.port()}, second{server.port()};
  first.send(post("/keep", std::string(900, 'x')));
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock{mutex};
    return static_cast<bool>(kept);
  }));
  const auto refused = second.ask(post("/keep", std::string(200, 'x')));
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("retry-after: 1\r\n"));
  kept.fulfil(text("done"));
  EXPECT_EQ(first.answer().body, "done");
  RawClient third{server.port()};
  third.send(post("/keep", std::string(200, 'x')));
  EXPECT_TRUE(eventually([&] { return server->open_requests() == 1; }));
}

TEST(HttpLimits, TurnsConnectionsAwayAtTheLimitAndTakesThemAgain) {
  ServerOptions options;
  options.max_connections = 3;
  options.name = "limited";
  TestServer server{trivial_routes(), options};
  std::vector<RawClient> inside;
  for (int i = 0; i < 3; ++i) {
    inside.emplace_back(server.port());
    ASSERT_EQ(inside.back().ask(get("/hello")).status, 200);
  }
  const auto before = rejected("too_many_connections");
  for (int i = 0; i < 5; ++i) {
    RawClient outside{server.port()};
    const auto answer = outside.ask(get("/hello"));
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.has("retry-after: 1\r\n"));
    EXPECT_TRUE(outside.closed_by_server());
  }
  EXPECT_EQ(rejected("too_many_connections"), before + 5);
  EXPECT_EQ(observability::gauge("graphrag_http_connections", "Open connections",
                                 {{"listener", "limited"}})
                .Value(),
            3);
  inside.pop_back();
  EXPECT_TRUE(
      eventually([&] { return RawClient{server.port()}.ask(get("/hello")).status == 200; }));
}

TEST(HttpLimits, LimitsEachClientButNotTrustedProxies) {
  ServerOptions options;
  options.max_connections_per_client = 2;
  {
    TestServer server{trivial_routes(), options};
    RawClient a{server.port()}, b{server.port()};
    ASSERT_EQ(a.ask(get("/hello")).status, 200);
    ASSERT_EQ(b.ask(get("/hello")).status, 200);
    EXPECT_EQ(RawClient{server.port()}.ask(get("/hello")).status, 503);
  }
  options.trusted_proxies = {"127.0.0.0/8"};
  TestServer server{{route("GET", "/who", [](auto r, auto a) { a.fulfil(text(r->client)); })},
                    options};
  std::vector<RawClient> many;
  for (int i = 0; i < 5; ++i) {
    many.emplace_back(server.port());
    EXPECT_EQ(many.back().ask(get("/who")).body, "127.0.0.1");
  }
  EXPECT_EQ(many[0].ask(get("/who", "X-Forwarded-For: 6.6.6.6, 10.1.2.3, 127.0.0.9\r\n")).body,
            "10.1.2.3");
  EXPECT_EQ(many[0].ask(get("/who", "X-Forwarded-For: nonsense\r\n")).body, "127.0.0.1");
}

TEST(HttpLimits, DoesNotBelieveForwardedHeadersOfOthers) {
  TestServer server{{route("GET", "/who", [](auto r, auto a) { a.fulfil(text(r->client)); })}};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(get("/who", "X-Forwarded-For: 10.1.2.3\r\n")).body, "127.0.0.1");
}

TEST(HttpServer, SaysWhyItCannotBind) {
  TestServer server{trivial_routes()};
  boost::asio::io_context io;
  ServerOptions options;
  options.port = server.port();
  const auto taken = HttpServer::bind(io, options, {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, runtime::Errc::already_exists);
  options.address = "nonsense";
  EXPECT_EQ(HttpServer::bind(io, options, {}).error().code, runtime::Errc::invalid_argument);
  options.address = "127.0.0.1";
  options.trusted_proxies = {"10.0.0.0/99"};
  EXPECT_EQ(HttpServer::bind(io, options, {}).error().code, runtime::Errc::invalid_argument);
}

TEST(HttpServer, DrainsWithoutLosingARequest) {
  std::mutex mutex;
  std::vector<Responder> kept;
  auto routes = trivial_routes();
  routes.push_back(route("GET", "/wait", [&](auto, auto answer) {
    std::lock_guard lock{mutex};
    kept.push_back(answer);
  }));
  TestServer server{routes};
  RawClient busy{server.port()}, idle{server.port()}, fresh{server.port()};
  ASSERT_EQ(idle.ask(get("/hello")).status, 200);
  busy.send(get("/wait"));
  ASSERT_TRUE(eventually([&] { return server->open_requests() == 1; }));
  server->drain();
  EXPECT_TRUE(idle.closed_by_server());
  EXPECT_TRUE(fresh.closed_by_server());
  EXPECT_TRUE(eventually([&] { return !RawClient{server.port()}.connected(); }));
  EXPECT_EQ(server->open_requests(), 1U);
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock{mutex};
    return kept.size() == 1;
  }));
  kept[0].fulfil(text("at last"));
  EXPECT_EQ(busy.answer().body, "at last");
  EXPECT_TRUE(busy.closed_by_server());
  EXPECT_EQ(server->open_requests(), 0U);
}

TEST(HttpServer, ClosesEverythingInEveryState) {
  Responder kept;
  auto routes = trivial_routes();
  routes.push_back(route("GET", "/wait", [&](auto, auto answer) { kept = answer; }));
  routes.push_back(
      route("GET", "/large", [](auto, auto a) { a.fulfil(text(std::string(32 << 20, 'x'))); }));
  TestServer server{routes};
  std::vector<RawClient> clients;
  for (const auto& bytes : std::vector<std::string>{
           "", "GET /he", get("/hello"),
           "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nxx",
           "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
           get("/wait"), get("/large"), "garbage\r\n\r\n"}) {
    clients.emplace_back(server.port());
    clients.back().send(bytes);
  }
  ASSERT_TRUE(eventually([&] { return server->open_requests() >= 3; }));
  server->close_all();
  for (auto& client : clients) EXPECT_TRUE(client.closed_by_server());
  EXPECT_TRUE(eventually([&] { return server->open_requests() == 0; }));
}

TEST(HttpServer, ServesThousandsOfConnectionsAtOnce) {
  ServerOptions options;
  options.max_connections = options.max_connections_per_client = 5000;
  options.name = "thousands";
  TestServer server{trivial_routes(), options, 2};
  std::vector<RawClient> clients;
  for (int i = 0; i < 3000; ++i) {
    clients.emplace_back(server.port());
    ASSERT_TRUE(clients.back().connected()) << i;
  }
  for (int round = 0; round < 2; ++round) {
    for (auto& client : clients) ASSERT_TRUE(client.send(get("/hello")));
    for (auto& client : clients) ASSERT_EQ(client.answer().body, "hello");
  }
  clients.clear();
  auto& gauge = observability::gauge("graphrag_http_connections", "Open connections",
                                     {{"listener", "thousands"}});
  EXPECT_TRUE(eventually([&] { return gauge.Value() == 0; }));
}

TEST(HttpServer, SurvivesRunningOutOfDescriptors) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer itself needs a descriptor for each look at a type";
#endif
  TestServer server{trivial_routes()};
  RawClient before{server.port()};
  ASSERT_EQ(before.ask(get("/hello")).status, 200);
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  // Sockets for the clients are made first, then the limit falls to what is in use.
  std::vector<int> hoard;
  const auto failures = rejected("accept_failed");
  rlimit tight{64, old.rlim_max};
  std::vector<RawClient> waiting;
  ::setrlimit(RLIMIT_NOFILE, &tight);
  while (true) {
    const int fd = ::dup(0);
    if (fd < 0) break;
    hoard.push_back(fd);
  }
  for (int i = 0; i < 3 && !hoard.empty();
       ++i) { // one descriptor for each client, none for the server
    ::close(hoard.back());
    hoard.pop_back();
    waiting.emplace_back(server.port());
  }
  EXPECT_TRUE(eventually([&] { return rejected("accept_failed") > failures; }));
  EXPECT_EQ(before.ask(get("/hello")).status, 200); // open connections do not notice
  for (const int fd : hoard) ::close(fd);
  ::setrlimit(RLIMIT_NOFILE, &old);
  for (auto& client : waiting) {
    if (client.connected()) {
      EXPECT_EQ(client.ask(get("/hello")).status, 200);
    }
  }
  EXPECT_EQ(RawClient{server.port()}.ask(get("/hello")).status, 200);
}

} // namespace
} // namespace graphrag::gateway::testing_http
