#include "runtime/http/client.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/runtime/http_client_fixture.hpp"

namespace graphrag::runtime::http {
namespace {

using namespace std::chrono_literals;

// The answer to one call of a server that sends `bytes` and then closes.
Result<Response> answer_of(const std::string& bytes, Request request = get("")) {
  StubModelServer server{[&](const StubRequest&, StubConnection& connection) {
    connection.send(bytes);
    connection.close();
  }};
  request.url = server.url("/x");
  static const auto client = make_client();
  return client->send(request);
}

TEST(HttpClient, SendsARequestAndReadsItsAnswer) {
  StubModelServer server{[](const StubRequest&, StubConnection& connection) {
    connection.reply(201, "\xFF\x00 body", "X-Thing: a\r\nx-thing: b\r\n");
  }};
  Request request = get(server.url("/a/b?c=d"));
  request.method = "POST";
  request.body = "hello";
  request.headers = {{"X-Mine", "1"}, {"Host", "evil"}, {"Content-Length", "1"}};
  const auto response = make_client()->send(request);
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "\xFF");
  EXPECT_EQ(response->header("x-thing"), "a");
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/a/b?c=d");
  EXPECT_EQ(seen.body, "hello");
  EXPECT_EQ(seen.headers.at("x-mine"), "1");
  EXPECT_EQ(seen.headers.at("host"), "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(seen.headers.at("content-length"), "5");
}

TEST(HttpClient, ReadsEveryFramingOfABody) {
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n")
                ->body,
            "abc0123456789");
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\n\r\nuntil the end")->body, "until the end");
  EXPECT_EQ(answer_of("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")->body, "ok");
  EXPECT_EQ(answer_of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                ->body,
            "ok");
  EXPECT_EQ(answer_of("HTTP/1.1 204 No Content\r\n\r\n")->status, 204);
  Request head = get("");
  head.method = "HEAD";
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", head)->body, "");
}

TEST(HttpClient, ReadsAnAnswerThatComesByteByByte) {
  StubModelServer server{[](const StubRequest&, StubConnection& connection) {
    for (const char c : std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "5\r\nhello\r\n0\r\n\r\n"})
      connection.send({&c, 1});
  }};
  EXPECT_EQ(make_client()->send(get(server.url()))->body, "hello");
}

TEST(HttpClient, BrokenAnswersAreErrors) {
  EXPECT_EQ(answer_of("").error().code, Errc::unavailable);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Le").error().code, Errc::unavailable);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc").error().code,
            Errc::unavailable);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab").error().code,
            Errc::unavailable);
  EXPECT_EQ(answer_of("SSH-2.0-OpenSSH_9.2\r\n").error().code, Errc::io);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n").error().code, Errc::io);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").error().code,
            Errc::io);
  EXPECT_EQ(answer_of("HTTP/1.1 101 Switching\r\n\r\n").error().code, Errc::io);
  std::string interim;
  for (int i = 0; i < 50; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(answer_of(interim).error().code, Errc::io);
}

TEST(HttpClient, HeadsAndBodiesAreBounded) {
  Request small = get("");
  small.max_head_bytes = 4096;
  small.max_body_bytes = 1000;
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(answer_of(ok + "X: " + std::string(9000, 'a') + "\r\n\r\n", small).error().code,
            Errc::io);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "A: b\r\n";
  EXPECT_EQ(answer_of(ok + many + "\r\n", small).error().code, Errc::io);
  EXPECT_EQ(
      answer_of(ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + many + "\r\n", small).error().code,
      Errc::io);
  EXPECT_EQ(answer_of(ok + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(60'000, 'e'), small)
                .error()
                .code,
            Errc::io);
  EXPECT_EQ(answer_of(ok + "Content-Length: 1001\r\n\r\n", small).error().code, Errc::io);
  EXPECT_EQ(answer_of(ok + "\r\n" + std::string(1001, 'a'), small).error().code, Errc::io);
  EXPECT_EQ(
      answer_of(ok + "Transfer-Encoding: chunked\r\n\r\n3E9\r\n" + std::string(1001, 'a'), small)
          .error()
          .code,
      Errc::io);
  EXPECT_EQ(
      answer_of(ok + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'a'), small)->body.size(),
      1000u);
}

TEST(HttpClient, GivesABodyPieceByPieceAndStopsWhenToldTo) {
  StubModelServer server{[](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/refused") return connection.reply(429, "slower");
    connection.send("HTTP/1.1 200 OK\r\n\r\nfirst");
    connection.wait_until_left(); // never ends by itself
  }};
  const auto client = make_client();
  std::string got;
  auto request = get(server.url("/endless"));
  request.on_body = [&](std::string_view piece) {
    got += piece;
    return got != "first";
  };
  const auto response = client->send(request);
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_FALSE(response->complete);
  EXPECT_EQ(got, "first");
  EXPECT_EQ(response->body, "");
  // The body of a refusal is no part of what was asked for.
  got.clear();
  request.url = server.url("/refused");
  EXPECT_EQ(client->send(request)->body, "slower");
  EXPECT_EQ(got, "");
}

TEST(HttpClient, KeepsConnectionsAndReplacesStaleOnes) {
  StubModelServer server{[](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/drop" && request.connection == 0) return connection.close();
    connection.reply(200, std::to_string(request.connection),
                     request.target == "/last" ? "Connection: close\r\n" : "");
  }};
  const auto client = make_client();
  EXPECT_EQ(client->send(get(server.url("/a")))->body, "0");
  EXPECT_EQ(client->send(get(server.url("/b")))->body, "0");
  // The server closes the kept connection instead of answering: asked again on a new one.
  EXPECT_EQ(client->send(get(server.url("/drop")))->body, "1");
  EXPECT_EQ(client->send(get(server.url("/last")))->body, "1");
  EXPECT_EQ(client->send(get(server.url("/c")))->body, "2");
}

TEST(HttpClient, DoesNotRepeatWhatMayHaveWorked) {
  StubModelServer server{[](const StubRequest& request, StubConnection& connection) {
    if (request.method == "POST" && request.connection == 0) return connection.close();
    connection.reply(200, std::to_string(request.connection));
  }};
  const auto client = make_client();
  EXPECT_EQ(client->send(get(server.url()))->body, "0");
  auto post = get(server.url());
  post.method = "POST";
  EXPECT_EQ(client->send(post).error().code, Errc::unavailable);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(HttpClient, ManyThreadsShareOneClient) {
  StubModelServer server{[](const StubRequest& request, StubConnection& connection) {
    connection.reply(200, request.body);
  }};
  const auto client = make_client({.max_idle_connections = 2});
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        auto request = get(server.url());
        request.method = "POST";
        request.repeatable = true;
        request.body = std::to_string(t * 100 + i);
        const auto response = client->send(request);
        if (response && response->body == request.body) ++right;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 200);
}

TEST(HttpClient, RefusesHeadersThatWouldBreakTheRequest) {
  StubModelServer server{
      [](const StubRequest&, StubConnection& connection) { connection.reply(200, ""); }};
  const auto client = make_client();
  for (const Headers& headers : {Headers{{"X", "SECRET\r\nY: z"}}, Headers{{"X y", "SECRET"}},
                                 Headers{{"", "SECRET"}}, Headers{{"X", std::string{"SE\0", 3}}}}) {
    auto request = get(server.url());
    request.headers = headers;
    const auto response = client->send(request);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Errc::invalid_argument);
    EXPECT_EQ(response.error().detail.find("SECRET"), std::string::npos);
  }
  auto request = get(server.url());
  request.method = "GET /x";
  EXPECT_FALSE(client->send(request));
  EXPECT_TRUE(server.requests().empty());
}

} // namespace
} // namespace graphrag::runtime::http
