// The small pure parts at the edge: trace ids, client addresses, answer heads, buffers.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "gateway/http/client_address.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/read_buffer.hpp"
#include "gateway/http/response_head.hpp"
#include "gateway/http/response_stream.hpp"
#include "gateway/http/trace_context.hpp"
#include "gateway/http/write_queue.hpp"

namespace graphrag::gateway {
namespace {

using boost::asio::ip::make_address;

TEST(TraceContext, TakesOnlyWellFormedParents) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c", span = "b7ad6b7169203331";
  EXPECT_EQ(trace_of("00-" + trace + "-" + span + "-01"), trace);
  EXPECT_EQ(trace_of("00-" + trace + "-" + span + "-00"), trace);
  EXPECT_EQ(trace_of("cc-" + trace + "-" + span + "-01-later"), trace);
  for (const auto& bad :
       {"00-" + trace + "-" + span + "-01-later", "ff-" + trace + "-" + span + "-01",
        "00-" + std::string(32, '0') + "-" + span + "-01",
        "00-" + trace + "-" + std::string(16, '0') + "-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + span + "-01", "00-" + trace + "-" + span,
        "00-" + trace + "_" + span + "-01", "00-" + trace + "-" + span + "-zz", std::string()}) {
    EXPECT_FALSE(trace_of(bad)) << bad;
  }
  EXPECT_EQ(new_trace_id().size(), 32U);
  EXPECT_NE(new_trace_id(), new_trace_id());
}

TEST(ClientAddress, CountsAWholeIpv6NetworkAsOneClient) {
  EXPECT_EQ(client_key(make_address("10.1.2.3")), "10.1.2.3");
  EXPECT_EQ(client_key(make_address("::ffff:10.1.2.3")), "10.1.2.3");
  EXPECT_EQ(client_key(make_address("2001:db8::1")),
            client_key(make_address("2001:db8::ffff:1:1")));
  EXPECT_NE(client_key(make_address("2001:db8::1")), client_key(make_address("2001:db8:0:1::1")));
}

TEST(ClientAddress, KnowsItsProxies) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "192.168.1.7", "2001:db8::/33"});
  ASSERT_TRUE(proxies);
  EXPECT_TRUE(proxies->contains(make_address("10.255.0.1")));
  EXPECT_TRUE(proxies->contains(make_address("::ffff:10.0.0.1")));
  EXPECT_FALSE(proxies->contains(make_address("11.0.0.1")));
  EXPECT_TRUE(proxies->contains(make_address("192.168.1.7")));
  EXPECT_FALSE(proxies->contains(make_address("192.168.1.8")));
  EXPECT_TRUE(proxies->contains(make_address("2001:db8:7fff::1")));
  EXPECT_FALSE(proxies->contains(make_address("2001:db8:8000::1")));
  EXPECT_EQ(proxies->client_of("1.1.1.1, 2.2.2.2, 10.0.0.1"), "2.2.2.2");
  EXPECT_EQ(proxies->client_of("10.0.0.1"), std::nullopt);
  EXPECT_EQ(proxies->client_of("1.1.1.1, x"), std::nullopt);
  EXPECT_EQ(proxies->client_of(""), std::nullopt);
  for (const char* bad : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "host", ""}) {
    EXPECT_FALSE(TrustedProxies::parse({bad})) << bad;
  }
}

std::string head_of(const Response& response, AnswerFraming framing) {
  std::string out;
  append_head(out, response, "trace", framing);
  return out;
}

TEST(ResponseHead, LetsARouteOverrideThePolicyButNotTheFraming) {
  Response response;
  response.headers = {{"Content-Security-Policy", "default-src 'self'"},
                      {"Cache-Control", "max-age=1"},
                      {"Transfer-Encoding", "gzip"},
                      {"Connection", "upgrade"},
                      {"ETag", "\"1\""}};
  const auto head = head_of(response, {true, false, 7});
  EXPECT_NE(head.find("Content-Security-Policy: default-src 'self'\r\n"), std::string::npos);
  EXPECT_EQ(head.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(head.find("no-store"), std::string::npos);
  EXPECT_EQ(head.find("gzip"), std::string::npos);
  EXPECT_EQ(head.find("upgrade"), std::string::npos);
  EXPECT_NE(head.find("ETag: \"1\"\r\n"), std::string::npos);
  EXPECT_NE(head.find("content-length: 7\r\n"), std::string::npos);
}

TEST(ResponseHead, FramesByStatus) {
  Response none;
  none.status = 204;
  for (const auto* header : {"\ncontent-type", "\ncontent-length", "\ntransfer-encoding"})
    EXPECT_EQ(head_of(none, {true, false, 0}).find(header), std::string::npos) << header;
  EXPECT_NE(head_of({}, {true, false, std::nullopt}).find("transfer-encoding: chunked\r\n"),
            std::string::npos);
  const auto old = head_of({}, {false, true, std::nullopt});
  EXPECT_EQ(old.find("transfer-encoding"), std::string::npos);
  EXPECT_NE(old.find("connection: close\r\n"), std::string::npos);
  EXPECT_EQ(http_date().size(), 29U);
}

TEST(Problem, HidesWhatBrokeInsideAndSaysWhenToComeBack) {
  const auto inside = problem_of({runtime::Errc::io, "the disk at /secret"}, "t");
  EXPECT_EQ(inside.status, 500);
  EXPECT_EQ(inside.body.find("secret"), std::string::npos);
  const auto busy = problem_of({runtime::Errc::overloaded, "full"}, "t");
  EXPECT_EQ(busy.headers.at(0).first, "retry-after");
  const auto body =
      nlohmann::json::parse(problem(422, "bad", "invalid \xff byte", "t", {{"/a", "wrong"}}).body);
  EXPECT_EQ(body["errors"][0]["pointer"], "/a");
  EXPECT_EQ(body["title"], "Unprocessable Entity");
}

TEST(ReadBuffer, GrowsMovesAndGivesBack) {
  ReadBuffer buffer;
  auto put = [&](const std::string& text) {
    auto room = buffer.prepare(text.size());
    std::copy(text.begin(), text.end(), room.begin());
    buffer.commit(text.size());
  };
  put("abc");
  buffer.consume(1);
  put(std::string(10'000, 'x'));
  EXPECT_EQ(buffer.view().substr(0, 3), "bcx");
  EXPECT_EQ(buffer.size(), 10'002U);
  buffer.consume(10'001);
  put("yz");
  EXPECT_EQ(buffer.view(), "xyz");
  buffer.consume(3);
  buffer.shrink();
  EXPECT_LE(buffer.prepare(1).size(), ReadBuffer::quiet_size);
}

TEST(WriteQueue, KeepsTheOrderOfSmallAndLargeWhateverIsTaken) {
  for (const std::size_t step : {1U, 7U, 5000U, 100'000U}) {
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < 30; ++i)
      pieces.emplace_back(i % 7 == 0 ? 20'000 : 100 + i, static_cast<char>('a' + i % 26));
    WriteQueue queue;
    std::string expected, got;
    for (auto& piece : pieces) {
      expected += piece;
      queue.push(std::move(piece));
    }
    while (!queue.empty()) {
      std::size_t left = step;
      for (const auto& b : queue.buffers()) {
        const auto n = std::min(left, b.size());
        got.append(static_cast<const char*>(b.data()), n);
        left -= n;
      }
      queue.consume(step - left);
      if (got.size() % 3 == 0 && got.size() < 1000) {
        queue.append([&](std::string& out) { out += "!"; });
        expected += "!";
      }
    }
    EXPECT_EQ(got, expected) << step;
    queue.push("again");
    EXPECT_EQ(queue.size(), 5U);
  }
}

TEST(StreamState, BoundsAndEnds) {
  int wakes = 0;
  StreamState state{[&] { ++wakes; }, 10};
  EXPECT_TRUE(state.write("a chunk larger than the bound"));
  EXPECT_FALSE(state.write("b"));
  std::string out;
  EXPECT_EQ(state.take(out), StreamState::Status::open);
  EXPECT_FALSE(state.write("b")); // taken, not yet sent
  state.sent(out.size());
  EXPECT_TRUE(state.write("b"));
  EXPECT_TRUE(state.write("c"));
  EXPECT_EQ(wakes, 2); // once per take
  state.finish();
  EXPECT_FALSE(state.write("d"));
  state.abandon(); // after finish: nothing
  EXPECT_EQ(state.take(out), StreamState::Status::finished);
  EXPECT_EQ(out, "bc");
  state.kill();
  EXPECT_EQ(state.queued(), 0U);
}

} // namespace
} // namespace graphrag::gateway
