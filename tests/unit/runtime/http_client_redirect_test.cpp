#include "runtime/http/client.hpp"

#include <gtest/gtest.h>

#include "tests/support/stub_model_server.hpp"

namespace graphrag::runtime::http {
namespace {

using test::StubConnection;
using test::StubModelServer;
using test::StubRequest;

std::unique_ptr<Client> make_client() {
  return std::move(*Client::make(
      {.lookup = [](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; }}));
}

Request get(const std::string& url, unsigned redirects) {
  Request request;
  request.url = url;
  request.max_redirects = redirects;
  return request;
}

void redirect(StubConnection& connection, const std::string& to) {
  connection.reply(302, "moved", "Location: " + to + "\r\n");
}

TEST(HttpRedirect, IsFollowedOnlyWhenAskedFor) {
  StubModelServer server{[](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/a/from") return redirect(connection, "to?x=1");
    connection.reply(200, request.target);
  }};
  const auto client = make_client();
  EXPECT_EQ(client->send(get(server.url("/a/from"), 0))->status, 302);
  EXPECT_EQ(client->send(get(server.url("/a/from"), 1))->body, "/a/to?x=1");
  auto post = get(server.url("/a/from"), 5);
  post.method = "POST";
  EXPECT_EQ(client->send(post)->status, 302);
}

TEST(HttpRedirect, LoopsEndAfterFiveAtMost) {
  StubModelServer server{
      [](const StubRequest&, StubConnection& connection) { redirect(connection, "/again"); }};
  const auto response = make_client()->send(get(server.url("/again"), 1000));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::io);
  EXPECT_EQ(server.requests().size(), 6u);
}

TEST(HttpRedirect, SecretsStayWithTheirOrigin) {
  StubModelServer other{
      [](const StubRequest&, StubConnection& connection) { connection.reply(200, "other"); }};
  std::string to;
  StubModelServer server{[&](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/end") return connection.reply(200, "same");
    redirect(connection, to);
  }};
  const auto client = make_client();
  auto request = get(server.url("/start"), 5);
  request.headers = {{"AUTHORIZATION", "Bearer k"}, {"Api-Key", "k"}, {"Cookie", "k"}, {"X", "y"}};

  to = "/end";
  EXPECT_EQ(client->send(request)->body, "same");
  EXPECT_EQ(server.requests().back().headers.at("authorization"), "Bearer k");

  to = other.url("/x");
  EXPECT_EQ(client->send(request)->body, "other");
  const auto there = other.requests().back().headers;
  EXPECT_FALSE(there.contains("authorization"));
  EXPECT_FALSE(there.contains("api-key"));
  EXPECT_FALSE(there.contains("cookie"));
  EXPECT_EQ(there.at("x"), "y");

  to = server.url("/end", "models.test"); // another name of the same server
  EXPECT_EQ(client->send(request)->body, "same");
  EXPECT_FALSE(server.requests().back().headers.contains("authorization"));
}

TEST(HttpRedirect, UnusableTargetsAreErrorsThatRepeatNothing) {
  std::string to;
  StubModelServer server{
      [&](const StubRequest&, StubConnection& connection) { redirect(connection, to); }};
  for (const char* bad : {"file:///etc/SECRET", "http://u:SECRET@h/", "http://h:99999/SECRET"}) {
    to = bad;
    const auto response = make_client()->send(get(server.url("/"), 5));
    ASSERT_FALSE(response) << bad;
    EXPECT_EQ(response.error().code, Errc::io);
    EXPECT_EQ(response.error().detail.find("SECRET"), std::string::npos);
  }
}

} // namespace
} // namespace graphrag::runtime::http
