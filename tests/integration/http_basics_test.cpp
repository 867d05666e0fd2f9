// What a well-behaved client sees.
#include "tests/integration/http_fixture.hpp"

#include <nlohmann/json.hpp>

#include "gateway/http/uri.hpp"
#include "observability/metrics.hpp"

namespace graphrag::gateway::testing_http {
namespace {

TEST(HttpBasics, AnswersAndKeepsTheConnection) {
  TestServer server{trivial_routes()};
  RawClient client{server.port()};
  for (int i = 0; i < 100; ++i) {
    const auto answer = client.ask(get("/hello"));
    ASSERT_EQ(answer.status, 200);
    ASSERT_EQ(answer.body, "hello");
  }
  EXPECT_EQ(client.ask(post("/echo", "some text")).body, "some text");
  EXPECT_TRUE(eventually([&] { return server->open_requests() == 0; }));
}

TEST(HttpBasics, SendsSecurityHeadersAndNoServerName) {
  TestServer server{trivial_routes()};
  RawClient client{server.port()};
  for (const auto& path : {"/hello", "/nothing"}) {
    const auto answer = client.ask(get(path));
    EXPECT_TRUE(answer.has("x-content-type-options: nosniff\r\n")) << answer.head;
    EXPECT_TRUE(answer.has("x-frame-options: DENY\r\n"));
    EXPECT_TRUE(answer.has("cache-control: no-store\r\n"));
    EXPECT_TRUE(answer.has("\r\ndate: "));
    EXPECT_FALSE(answer.has("erver:"));
  }
}

TEST(HttpBasics, CarriesTheTraceOfTheClientOrMakesOne) {
  TestServer server{{route("GET", "/trace", [](auto r, auto a) { a.fulfil(text(r->trace_id)); })}};
  RawClient client{server.port()};
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const auto with =
      client.ask(get("/trace", "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\n"));
  EXPECT_EQ(with.body, trace);
  EXPECT_TRUE(with.has("trace-id: " + trace + "\r\n"));
  const auto bad =
      client.ask(get("/trace", "traceparent: 00-" + trace + "-0000000000000000-01\r\n"));
  EXPECT_EQ(bad.body.size(), 32U);
  EXPECT_NE(bad.body, trace);
  EXPECT_NE(client.ask(get("/trace")).body, client.ask(get("/trace")).body);
}

TEST(HttpBasics, AnswersProblemsForWhatItDoesNotServe) {
  TestServer server{trivial_routes()};
  RawClient client{server.port()};
  const auto missing = client.ask(get("/nothing"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_TRUE(missing.has("content-type: application/problem+json\r\n"));
  const auto body = nlohmann::json::parse(missing.body);
  EXPECT_EQ(body["status"], 404);
  EXPECT_EQ(body["code"], "no_route");
  EXPECT_TRUE(missing.has("trace-id: " + body["trace_id"].get<std::string>()));

  const auto method = client.ask("DELETE /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(method.status, 405);
  EXPECT_TRUE(method.has("allow: GET, HEAD, OPTIONS\r\n"));
  EXPECT_EQ(client.ask(get("//hello")).status, 404);
  EXPECT_EQ(client.ask(get("/hello/")).status, 404);
  EXPECT_EQ(client.ask("OPTIONS /echo HTTP/1.1\r\nHost: test\r\n\r\n").status, 204);
  EXPECT_EQ(client.ask("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n").status, 204);
  EXPECT_EQ(client.ask(post("/echo", "x", "Content-Encoding: gzip\r\n")).status, 415);
  EXPECT_EQ(client.ask(get("/hello")).status, 200); // still the same connection
  EXPECT_EQ(client.ask(get("/a/../hello")).status, 400);
  EXPECT_TRUE(client.closed_by_server());
}

TEST(HttpBasics, AnswersHeadWithTheLengthAndNoBody) {
  TestServer server{trivial_routes()};
  RawClient client{server.port()};
  const auto head = client.ask("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.has("content-length: 5\r\n"));
  EXPECT_EQ(client.ask(get("/hello")).body, "hello"); // and the framing held
}

TEST(HttpBasics, DecodesParametersAndQuery) {
  TestServer server{{route("GET", "/c/{c}/d/{id}", [](auto r, auto a) {
    a.fulfil(text(r->params.at("c") + "|" + r->params.at("id") + "|" +
                  r->query_value("q").value_or("-") + "|" + r->route));
  })}};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(get("/c/x/d/a%2Fb%20%C3%A9?q=1+2%2B3")).body,
            "x|a/b \xC3\xA9|1 2+3|/c/{c}/d/{id}");
  EXPECT_EQ(client.ask(get("http://test/c/x/d/y")).body, "x|y|-|/c/{c}/d/{id}");
  for (const char* bad : {"/c/x/d/%ff", "/c/x/d/%00", "/c/x/d/%2", "/c/x/d/%zz", "/c/x/d/%2e%2e",
                          "/c/x/d/%C0%AF", "/c/x/d/y?q=%ff"}) {
    RawClient fresh{server.port()};
    EXPECT_EQ(fresh.ask(get(bad)).status, 400) << bad;
  }
}

TEST(HttpBasics, SpeaksHttp10) {
  TestServer server{trivial_routes()};
  RawClient client{server.port()};
  const auto kept = client.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.body, "hello");
  EXPECT_TRUE(kept.has("connection: keep-alive\r\n"));
  EXPECT_EQ(client.ask("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
  EXPECT_TRUE(client.closed_by_server());
}

TEST(HttpBasics, AsksForTheBodyOnlyWhenItWillBeRead) {
  TestServer server{trivial_routes(), [] {
                      ServerOptions o;
                      o.body_limit = 100;
                      return o;
                    }()};
  RawClient client{server.port()};
  client.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer().status, 100);
  client.send("body");
  EXPECT_EQ(client.answer().body, "body");

  client.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 400\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer().status, 413);
  EXPECT_TRUE(client.closed_by_server());
}

TEST(HttpBasics, RefusesBeforeTheBodyWhenNotAdmitted) {
  ServerOptions options;
  options.admit = [](Request& request) -> std::optional<Response> {
    if (request.header("authorization")) {
      request.context = std::make_shared<std::string>("somebody");
      return std::nullopt;
    }
    return problem(401, "unauthorized", "who are you?", request.trace_id);
  };
  TestServer server{{route("POST", "/who",
                           [](auto r, auto a) {
                             a.fulfil(
                                 text(*std::static_pointer_cast<const std::string>(r->context)));
                           })},
                    options};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(post("/who", "small body")).status, 401);
  EXPECT_EQ(client.ask(post("/who", "small body", "Authorization: x\r\n")).body, "somebody");
}

TEST(HttpBasics, CountsRequestsByRouteAndStatus) {
  TestServer server{{route("GET", "/counted/{x}", [](auto, auto a) { a.fulfil(text("", 201)); })}};
  RawClient client{server.port()};
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(client.ask(get("/counted/" + std::to_string(i))).status, 201);
  auto& counter =
      observability::counter("http_requests_total", "Requests answered",
                             {{"method", "GET"}, {"status", "201"}, {"route", "/counted/{x}"}});
  EXPECT_EQ(counter.Value(), 3);
}

TEST(HttpBasics, CannotBeMadeToSplitAnAnswer) {
  TestServer server{{route("GET", "/split", [](auto, auto a) {
    auto r = text("x");
    r.headers.emplace_back("location", "/a\r\nx-evil: 1");
    r.headers.emplace_back("x-bad\r\nname", "1");
    r.headers.emplace_back("content-length", "100");
    a.fulfil(r);
  })}};
  RawClient client{server.port()};
  const auto answer = client.ask(get("/split"));
  EXPECT_EQ(answer.body, "x");
  EXPECT_FALSE(answer.has("\r\nx-evil"));
  EXPECT_FALSE(answer.has("name"));
}

} // namespace
} // namespace graphrag::gateway::testing_http
