// Requests that two recipients could cut apart differently, sent over a real socket with another
// request behind them. The other one must never be answered.
#include "tests/integration/http_fixture.hpp"

#include <ostream>

namespace graphrag::gateway::testing_http {
namespace {

using namespace std::string_literals;

struct Case {
  const char* name;
  std::string raw;
  int status;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Smuggling : public testing::TestWithParam<Case> {
protected:
  static void SetUpTestSuite() {
    auto routes = trivial_routes();
    routes.push_back(route("GET", "/smuggled", [](auto, auto answer) {
      ++smuggled;
      answer.fulfil(text("smuggled"));
    }));
    server = std::make_unique<TestServer>(std::move(routes));
  }
  static void TearDownTestSuite() { server.reset(); }

  static inline std::unique_ptr<TestServer> server;
  static inline std::atomic<int> smuggled{0};
};

TEST_P(Smuggling, IsRefusedAndTheConnectionCloses) {
  RawClient client{server->port()};
  client.send(GetParam().raw + get("/smuggled"));
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, GetParam().status) << answer.head;
  EXPECT_TRUE(answer.has("connection: close\r\n"));
  EXPECT_TRUE(answer.has("content-type: application/problem+json\r\n"));
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(client.buffered(), "");
  EXPECT_EQ(smuggled, 0);
}

std::string echo(const std::string& fields, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n" + body;
}
std::string chunked(const std::string& body) {
  return echo("Transfer-Encoding: chunked\r\n", body);
}

INSTANTIATE_TEST_SUITE_P(
    Corpus, Smuggling,
    testing::Values(
        Case{"cl_te", echo("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"),
             400},
        Case{
            "te_cl",
            echo("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\nGPOST\r\n0\r\n\r\n"),
            400},
        Case{"te_te", echo("Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n", "0\r\n\r\n"),
             400},
        Case{"te_obfuscated", echo("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400},
        Case{"te_space", echo("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400},
        Case{"te_vertical_tab",
             echo("Transfer-Encoding: \x0b"
                  "chunked\r\n",
                  "0\r\n\r\n"),
             400},
        Case{"te_folded", echo("X: y\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        Case{"te_lf", echo("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        Case{"te_http10", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             400},
        Case{"cl_cl", echo("Content-Length: 0\r\nContent-Length: 44\r\n", ""), 400},
        Case{"cl_plus", echo("Content-Length: +0\r\n", ""), 400},
        Case{"cl_list", echo("Content-Length: 0, 44\r\n", ""), 400},
        Case{"cl_nul", echo("Content-Length: 0\0\r\n"s, ""), 400},
        Case{"cr_in_header", echo("X: y\rContent-Length: 44\r\n", ""), 400},
        Case{"two_hosts", echo("Host: other\r\n", ""), 400},
        Case{"absolute_mismatch", "GET http://other/hello HTTP/1.1\r\nHost: test\r\n\r\n", 400},
        Case{"http09", "GET /hello\r\n", 400},
        Case{"http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        Case{"connect", "CONNECT test:80 HTTP/1.1\r\nHost: test\r\n\r\n", 501},
        Case{"unknown_method", "SMUGGLE / HTTP/1.1\r\nHost: test\r\n\r\n", 501},
        Case{"dot_segments", "GET /x/../smuggled HTTP/1.1\r\nHost: test\r\n\r\n", 400},
        Case{"encoded_dot_segments", "GET /x/%2e%2e/smuggled HTTP/1.1\r\nHost: test\r\n\r\n", 400},
        Case{"chunk_plus", chunked("+0\r\n\r\n"), 400},
        Case{"chunk_hex_prefix", chunked("0x0\r\n\r\n"), 400},
        Case{"chunk_space", chunked("0 \r\n\r\n"), 400}, Case{"chunk_lf", chunked("0\n\n"), 400},
        Case{"chunk_lf_in_extension", chunked("2;\nxx\r\n0\r\n\r\n"), 400},
        Case{"chunk_cr_in_extension", chunked("2;\rxx\r\nab\r\n0\r\n\r\n"), 400},
        Case{"chunk_overflow", chunked("10000000000000000\r\nab\r\n0\r\n\r\n"), 400},
        Case{"chunk_too_long", chunked("2\r\nabc\r\n0\r\n\r\n"), 400},
        Case{"chunk_negative", chunked("-1\r\nab\r\n0\r\n\r\n"), 400},
        Case{"chunk_long_extension",
             chunked("2;x=" + std::string(4000, 'y') + "\r\nab\r\n0\r\n\r\n"), 400},
        Case{"trailer_host", chunked("0\r\nHost: other\r\n\r\n"), 400},
        Case{"trailer_length", chunked("0\r\nContent-Length: 44\r\n\r\n"), 400},
        Case{"trailer_lf", chunked("0\r\nX: y\n\r\n"), 400},
        Case{"encoding_gzip", echo("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
        Case{"expect_unknown", echo("Expect: more\r\n", ""), 417},
        Case{"long_target", "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: test\r\n\r\n",
             414},
        Case{"large_header", echo("X: " + std::string(20'000, 'a') + "\r\n", ""), 431},
        Case{"many_headers",
             [] {
               std::string fields;
               for (int i = 0; i < 200; ++i) fields += "X: y\r\n";
               return echo(fields, "");
             }(),
             431}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(Smuggling, ABodyThatIsFramedWellIsNeverReadAsARequest) {
  const auto inner = get("/smuggled");
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(post("/echo", inner)).body, inner);
  char size[16];
  std::snprintf(size, sizeof size, "%zX", inner.size());
  EXPECT_EQ(client.ask(chunked(std::string(size) + "\r\n" + inner + "\r\n0\r\n\r\n")).body, inner);
  // The body of a request that nobody serves is not read as a request either.
  EXPECT_EQ(client.ask(post("/nothing", inner)).status, 404);
  EXPECT_EQ(client
                .ask("GET /hello HTTP/1.1\r\nHost: test\r\nContent-Length: " +
                     std::to_string(inner.size()) + "\r\n\r\n" + inner)
                .body,
            "hello");
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
  EXPECT_EQ(smuggled, 0);
}

TEST_F(Smuggling, GarbageOfAnyKindIsSurvived) {
  std::uint64_t state = 42;
  auto next = [&] {
    return state = state * 6364136223846793005ULL + 1442695040888963407ULL, state >> 33;
  };
  const std::string valid =
      chunked("4\r\nabcd\r\n0\r\n\r\n") + get("/hello") + post("/echo", "body");
  for (int i = 0; i < 400; ++i) {
    std::string raw;
    if (i % 2 == 0) { // noise
      for (std::size_t n = next() % 300; n > 0; --n) raw.push_back(static_cast<char>(next()));
    } else { // a valid conversation with a few bytes changed
      raw = valid;
      for (int k = 0; k < 3; ++k) raw[next() % raw.size()] = static_cast<char>(next());
    }
    RawClient client{server->port()};
    client.send(raw);
    client.half_close();
    client.read_all();
    ASSERT_FALSE(client.timed_out()) << raw;
  }
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
  EXPECT_EQ(smuggled, 0);
  EXPECT_TRUE(eventually([&] { return (*server)->open_requests() == 0; }));
}

} // namespace
} // namespace graphrag::gateway::testing_http
