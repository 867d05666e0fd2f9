#include "runtime/http/client.hpp"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/runtime/http_client_fixture.hpp"

namespace graphrag::runtime::http {
namespace {

using namespace std::chrono_literals;

TEST(HttpDeadline, OneDeadlineCoversEverything) {
  StubModelServer server{[](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/silent") connection.wait_until_left();
    if (request.target == "/head")
      connection.drip("HTTP/1.1 200 OK\r\nX: " + std::string(50'000, 'x'));
    connection.drip("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'));
  }};
  const auto client = make_client();
  for (const char* target : {"/silent", "/head", "/body"}) {
    auto request = get(server.url(target));
    request.timeout = 200ms;
    const auto started = std::chrono::steady_clock::now();
    const auto response = client->send(request);
    const auto took = std::chrono::steady_clock::now() - started;
    ASSERT_FALSE(response) << target;
    EXPECT_EQ(response.error().code, Errc::timeout) << response.error().detail;
    EXPECT_GE(took, 190ms);
    EXPECT_LT(took, 10s);
  }
  auto none = get(server.url());
  none.timeout = 0ms;
  EXPECT_EQ(client->send(none).error().code, Errc::timeout);
}

// A request that its server does not read: it comes on a kept connection while the script of the
// one before is still busy.
Request large_post(const StubModelServer& server) {
  auto request = get(server.url());
  request.method = "POST";
  request.body = std::string(64 * 1024 * 1024, 'b');
  return request;
}

TEST(HttpDeadline, AServerThatDoesNotReadIsLeftAtTheDeadline) {
  std::promise<void> over;
  StubModelServer server{[&](const StubRequest&, StubConnection& connection) {
    connection.reply(200, "");
    over.get_future().wait();
    connection.close();
  }};
  const auto client = make_client();
  ASSERT_TRUE(client->send(get(server.url())));
  auto request = large_post(server);
  request.timeout = 300ms;
  const auto response = client->send(request);
  over.set_value();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::timeout) << response.error().detail;
}

TEST(HttpConnect, AnEarlyRefusalOfALargeBodyIsRead) {
  StubModelServer server{[](const StubRequest&, StubConnection& connection) {
    connection.reply(200, "");
    connection.wait_for_bytes();
    connection.reply(413, "too large", "Connection: close\r\n");
    connection.close();
  }};
  const auto client = make_client();
  ASSERT_TRUE(client->send(get(server.url())));
  const auto response = client->send(large_post(server));
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->status, 413);
}

TEST(HttpDeadline, AHangingLookUpEndsAtTheDeadline) {
  const auto gate = std::make_shared<std::promise<void>>();
  std::shared_future<void> opened{gate->get_future()};
  auto client = make_client({.lookup = [opened](const std::string&) {
    opened.wait();
    return std::vector<std::string>{};
  }});
  auto request = get("http://models.test/");
  request.timeout = 100ms;
  const auto response = client->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::timeout);
  client.reset(); // the thread that hangs does not need it
  gate->set_value();
}

TEST(HttpConnect, UnknownNamesAndClosedPortsAreUnavailable) {
  auto client =
      make_client({.lookup = [](const std::string&) { return std::vector<std::string>{}; }});
  EXPECT_EQ(client->send(get("http://models.test/")).error().code, Errc::unavailable);
  std::string gone;
  {
    StubModelServer server{[](const StubRequest&, StubConnection&) {}};
    gone = server.url();
  }
  EXPECT_EQ(client->send(get(gone)).error().code, Errc::unavailable);
}

TEST(HttpConnect, TriesTheNextAddress) {
  StubModelServer server{
      [](const StubRequest&, StubConnection& connection) { connection.reply(200, "ok"); }};
  // Nothing listens on this port of ::1, and the first is no address at all.
  auto client = make_client({.lookup = [](const std::string&) {
    return std::vector<std::string>{"nonsense", "::1", "127.0.0.1"};
  }});
  const auto response = client->send(get(server.url("/", "models.test")));
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(server.requests().at(0).headers.at("host"),
            "models.test:" + std::to_string(server.port()));
}

TEST(HttpDeadline, AnotherThreadCanCancel) {
  std::promise<void> arrived;
  StubModelServer server{[&](const StubRequest&, StubConnection& connection) {
    arrived.set_value();
    connection.wait_until_left();
  }};
  std::stop_source stop;
  std::thread canceler{[&] {
    arrived.get_future().wait();
    stop.request_stop();
  }};
  auto request = get(server.url());
  request.cancel = stop.get_token();
  const auto response = make_client()->send(request);
  canceler.join();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::canceled);
  EXPECT_EQ(make_client()->send(request).error().code, Errc::canceled); // from the start
}

} // namespace
} // namespace graphrag::runtime::http
