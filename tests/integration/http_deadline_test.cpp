// Clients that are slow, on purpose or not. Deadlines are short; nothing here sleeps: the test
// waits for what the server does to the socket.
#include "tests/integration/http_fixture.hpp"

#include <nlohmann/json.hpp>

namespace graphrag::gateway::testing_http {
namespace {

ServerOptions patient() {
  ServerOptions o;
  o.header_deadline = o.body_deadline = o.idle_deadline = o.write_deadline = o.total_deadline =
      60'000ms;
  return o;
}

TEST(HttpDeadline, ClosesAConnectionThatAsksNothing) {
  auto options = patient();
  options.header_deadline = 80ms;
  TestServer server{trivial_routes(), options};
  RawClient client{server.port()};
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(client.buffered(), "");
}

TEST(HttpDeadline, RefusesAHeadThatArrivesDropByDrop) {
  auto options = patient();
  options.header_deadline = 150ms;
  TestServer server{trivial_routes(), options};
  RawClient client{server.port()};
  const auto request = get("/hello", "X: " + std::string(4000, 'x') + "\r\n");
  // One byte whenever 5 ms pass without news from the server: far slower than the deadline allows.
  std::size_t sent = 0;
  while (sent < request.size() && !client.receive(5ms)) {
    if (!client.send(request.substr(sent++, 1))) break;
  }
  EXPECT_LT(sent, request.size());
  EXPECT_EQ(client.answer().status, 408);
  EXPECT_TRUE(client.closed_by_server());
}

TEST(HttpDeadline, ClosesAnIdleConnectionWithoutAWord) {
  auto options = patient();
  options.idle_deadline = 80ms;
  TestServer server{trivial_routes(), options};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(get("/hello")).status, 200);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(client.buffered(), "");
}

TEST(HttpDeadline, RefusesABodyThatStops) {
  auto options = patient();
  options.body_deadline = 100ms;
  TestServer server{trivial_routes(), options};
  RawClient client{server.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nhalf");
  EXPECT_EQ(client.answer().status, 408);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_TRUE(eventually([&] { return server->open_requests() == 0; }));
}

TEST(HttpDeadline, RefusesABodyBelowTheRate) {
  auto options = patient();
  options.body_deadline = 200ms;
  options.min_body_rate = 100'000; // 20,000 bytes in each window
  TestServer server{trivial_routes(), options};
  RawClient client{server.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
  int sent = 0;
  while (sent < 4000 && !client.receive(5ms)) {
    if (!client.send("1\r\nx\r\n")) break;
    ++sent;
  }
  EXPECT_LT(sent, 4000);
  EXPECT_EQ(client.answer().status, 408);
}

TEST(HttpDeadline, TakesABodyThatIsLongOnItsWayButFastEnough) {
  auto options = patient();
  options.body_deadline = 1500ms;
  options.min_body_rate = 1;
  TestServer server{trivial_routes(), options};
  RawClient client{server.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n");
  // 100 bytes, each after 50 ms of silence: over three windows, each with many more bytes than it
  // needs.
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(client.receive(50ms)) << client.buffered();
    ASSERT_TRUE(client.send("x"));
  }
  EXPECT_EQ(client.answer().body, std::string(100, 'x'));
}

TEST(HttpDeadline, GivesUpOnAClientThatDoesNotRead) {
  auto options = patient();
  options.write_deadline = 100ms;
  TestServer server{
      {route("GET", "/large", [](auto, auto a) { a.fulfil(text(std::string(64 << 20, 'x'))); })},
      options};
  RawClient client{server.port(), 4096};
  client.send(get("/large"));
  EXPECT_TRUE(eventually([&] {
    // Gone on the server's side: sending fails once its reset has come.
    return !client.send("x");
  }));
  const auto all = client.read_all();
  EXPECT_LT(all.size(), std::size_t{64} << 20);
}

TEST(HttpDeadline, GivesUpOnAClientThatReadsDropByDrop) {
  auto options = patient();
  options.total_deadline = 300ms;
  TestServer server{
      {route("GET", "/large", [](auto, auto a) { a.fulfil(text(std::string(64 << 20, 'x'))); })},
      options};
  RawClient client{server.port(), 4096};
  client.send(get("/large"));
  EXPECT_TRUE(eventually([&] {
    char byte[512];
    const auto n = ::recv(client.fd(), byte, sizeof byte, MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN);
  }));
}

TEST(HttpDeadline, AnswersATimeoutForAHandlerThatNeverDoes) {
  auto options = patient();
  options.total_deadline = 100ms;
  Responder kept;
  TestServer server{{route("GET", "/never", [&](auto, auto answer) { kept = answer; })}, options};
  RawClient client{server.port()};
  const auto answer = client.ask(get("/never"));
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(nlohmann::json::parse(answer.body)["code"], "timeout");
  EXPECT_EQ(client.ask(get("/nothing")).status, 404); // the connection lives on
  EXPECT_TRUE(kept.fulfil(text("late")));
  EXPECT_EQ(client.ask(get("/nothing")).status, 404); // and nothing came of it
}

TEST(HttpDeadline, HoldsPerRoute) {
  Responder kept;
  auto never = route("GET", "/never", [&](auto request, auto answer) {
    EXPECT_LT(request->deadline, std::chrono::steady_clock::now() + 10s);
    kept = answer;
  });
  never.total = 100ms;
  TestServer server{{never}, patient()};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(get("/never")).status, 504);
}

TEST(HttpDeadline, EndsALingeringConnection) {
  auto options = patient();
  options.write_deadline = 100ms; // also bounds the wait for a client that does not close
  TestServer server{trivial_routes(), options};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask("garbage\r\n\r\n").status, 400);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_TRUE(eventually([&] { return !client.send("x"); })); // closed, and not only half
}

} // namespace
} // namespace graphrag::gateway::testing_http
