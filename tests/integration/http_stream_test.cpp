// Bodies that arrive in pieces and answers that leave in pieces.
#include "tests/integration/http_fixture.hpp"

#include <fstream>
#include <future>
#include <mutex>

#include <nlohmann/json.hpp>

namespace graphrag::gateway::testing_http {
namespace {

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

struct Log {
  std::mutex mutex;
  std::string data;
  std::vector<std::string> ends; // "end" or the reason of an abort
  std::vector<std::function<void()>> resumes;
  std::shared_ptr<ResponseStream> stream;

  std::size_t end_count() {
    std::lock_guard lock{mutex};
    return ends.size();
  }
};

struct Consumer final : BodyConsumer {
  using OnData = std::function<void(std::string_view, std::function<void()>)>;
  Consumer(Log& l, OnData d, std::function<void()> e)
      : log(l), data(std::move(d)), end(std::move(e)) {}
  void on_data(std::string_view piece, std::function<void()> resume) override {
    data(piece, std::move(resume));
  }
  void on_end() override {
    {
      std::lock_guard lock{log.mutex};
      log.ends.emplace_back("end");
    }
    if (end) end();
  }
  void on_abort(std::string_view reason) override {
    std::lock_guard lock{log.mutex};
    log.ends.emplace_back(reason);
  }
  Log& log;
  OnData data;
  std::function<void()> end;
};

Route stream_route(std::string pattern, StreamHandler handler) {
  Route r;
  r.method = "POST";
  r.pattern = std::move(pattern);
  r.stream = std::move(handler);
  return r;
}

// Counts the bytes of a body and answers their number.
Route counting(Log& log, std::shared_ptr<std::atomic<std::uint64_t>> count) {
  return stream_route("/count", [&log, count](auto, StreamStart start) {
    return std::make_shared<Consumer>(
        log,
        [count](std::string_view piece, auto resume) {
          *count += piece.size();
          resume();
        },
        [count, start] { start.responder.fulfil(text(std::to_string(*count))); });
  });
}

TEST(HttpStream, TakesABodyInPiecesWithFlatMemory) {
  Log log;
  auto count = std::make_shared<std::atomic<std::uint64_t>>(0);
  TestServer server{{counting(log, count)}};
  RawClient client{server.port()};
  const std::string block(1 << 20, 'x');
  constexpr std::uint64_t total = 1ULL << 30;
  client.send("POST /count HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(total) +
              "\r\n\r\n");
  client.send(block);
  const auto before = resident_bytes();
  for (std::uint64_t sent = block.size(); sent < total; sent += block.size())
    ASSERT_TRUE(client.send(block));
  EXPECT_EQ(client.answer().body, std::to_string(total));
  EXPECT_LT(resident_bytes(), before + (16U << 20));
}

TEST(HttpStream, TakesAChunkedBodyWithFlatMemory) {
  Log log;
  auto count = std::make_shared<std::atomic<std::uint64_t>>(0);
  TestServer server{{counting(log, count)}};
  RawClient client{server.port()};
  std::string block;
  for (int i = 0; i < 64; ++i) block += "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  client.send("POST /count HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
  const auto before = resident_bytes();
  for (int i = 0; i < 1024; ++i) ASSERT_TRUE(client.send(block));
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.answer().body, std::to_string(1ULL << 30));
  EXPECT_LT(resident_bytes(), before + (16U << 20));
  EXPECT_EQ(client.ask(post("/count", "")).status, 200); // the connection lives on
}

TEST(HttpStream, ReadsNoFurtherThanTheConsumerAskedFor) {
  Log log;
  std::atomic<std::uint64_t> seen{0};
  TestServer server{{stream_route("/slow", [&](auto, StreamStart start) {
    return std::make_shared<Consumer>(
        log,
        [&](std::string_view piece, auto resume) {
          std::lock_guard lock{log.mutex};
          log.resumes.push_back(resume);
          seen += piece.size(); // the test takes the last piece's resume as soon as all is seen
        },
        [start] { start.responder.fulfil(text("done")); });
  })}};
  RawClient client{server.port()};
  constexpr std::uint64_t total = 64ULL << 20;
  client.send("POST /slow HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(total) +
              "\r\n\r\n");
  const auto before = resident_bytes();
  std::jthread sender{[&] {
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 64 && client.send(block); ++i) {
    }
  }};
  std::size_t resumed = 0;
  while (seen < total) {
    std::function<void()> resume;
    ASSERT_TRUE(eventually([&] {
      std::lock_guard lock{log.mutex};
      if (log.resumes.size() == resumed) return false;
      resume = log.resumes.back();
      return true;
    }));
    {
      std::lock_guard lock{log.mutex};
      ASSERT_EQ(log.resumes.size(), ++resumed); // one piece at a time
    }
    resume();
    resume(); // a second call of the same resume means nothing
  }
  {
    std::lock_guard lock{log.mutex};
    log.resumes.back()();
  }
  EXPECT_EQ(client.answer().body, "done");
  EXPECT_LT(resident_bytes(), before + (16U << 20));
  sender.join();
}

TEST(HttpStream, AnswersLineByLineWhileTheBodyStillArrives) {
  Log log;
  TestServer server{{stream_route("/lines", [&](auto, StreamStart start) {
    Response head;
    head.content_type = "application/x-ndjson";
    auto stream = start.begin(head);
    return std::make_shared<Consumer>(
        log,
        [stream](std::string_view piece, auto resume) {
          stream->write("got " + std::string(piece) + "\n");
          resume();
        },
        [stream] {
          stream->write("end\n");
          stream->finish();
        });
  })}};
  RawClient client{server.port()};
  client.send("POST /lines HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
  while (client.buffered().find("\r\n\r\n") == std::string::npos) ASSERT_TRUE(client.receive());
  EXPECT_NE(client.buffered().find("transfer-encoding: chunked"), std::string::npos);
  std::string collected;
  for (const char* word : {"one", "two", "three"}) {
    client.send("5\r\n" + (std::string(word) + "     ").substr(0, 5) + "\r\n");
    while (client.buffered().find(word) == std::string::npos) ASSERT_TRUE(client.receive());
  }
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.answer().body, "got one  \ngot two  \ngot three\nend\n");
  // Without a body the consumer hears the end at once.
  EXPECT_EQ(client.ask("POST /lines HTTP/1.1\r\nHost: test\r\n\r\n").body, "end\n");
  EXPECT_EQ(client.ask("POST /lines HTTP/1.0\r\n\r\n").body,
            "end\n"); // to the end of the connection
}

TEST(HttpStream, RefusesBeforeTheFirstLine) {
  Log log;
  TestServer server{
      {stream_route("/no", [&](auto request, StreamStart start) -> std::shared_ptr<BodyConsumer> {
        start.responder.fulfil(problem(403, "forbidden", "not you", request->trace_id));
        EXPECT_FALSE(start.begin(Response{})->write("x")); // too late
        return request->header("x-consume") ? std::make_shared<Consumer>(log, nullptr, nullptr)
                                            : nullptr;
      })}};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(post("/no", "little")).status, 403);
  EXPECT_EQ(client.ask(post("/no", "little", "X-Consume: 1\r\n")).status, 403); // same connection
  EXPECT_EQ(log.ends, (std::vector<std::string>{"answered"}));
  client.send("POST /no HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nstart");
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(answer.has("connection: close\r\n"));
  EXPECT_TRUE(client.closed_by_server());
}

TEST(HttpStream, TellsTheConsumerThatTheClientHasGone) {
  for (const bool hard : {false, true}) {
    Log log;
    auto count = std::make_shared<std::atomic<std::uint64_t>>(0);
    TestServer server{{counting(log, count)}};
    RawClient client{server.port()};
    client.send("POST /count HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nabc");
    ASSERT_TRUE(eventually([&] { return *count == 3; }));
    if (hard)
      client.reset();
    else
      client.close();
    ASSERT_TRUE(eventually([&] { return log.end_count() == 1; }));
    EXPECT_NE(log.ends[0], "end");
    EXPECT_TRUE(eventually([&] { return server->open_requests() == 0; }));
  }
}

TEST(HttpStream, TellsTheConsumerOfBadFramingAndOfTooMuch) {
  Log log;
  auto count = std::make_shared<std::atomic<std::uint64_t>>(0);
  auto limited = counting(log, count);
  limited.body_limit = 100;
  TestServer server{{limited}};
  const std::string head =
      "POST /count HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
  RawClient bad{server.port()};
  EXPECT_EQ(bad.ask(head + "3\r\nabcX").status, 400);
  RawClient large{server.port()};
  EXPECT_EQ(large.ask(head + "70\r\n" + std::string(0x70, 'x') + "\r\n").status, 413);
  RawClient declared{server.port()};
  EXPECT_EQ(
      declared.ask("POST /count HTTP/1.1\r\nHost: test\r\nContent-Length: 101\r\n\r\n").status,
      413);
  EXPECT_EQ(log.end_count(), 2U); // the third never reached a consumer
}

TEST(HttpStream, BoundsWhatWaitsForASlowReader) {
  Log log;
  ServerOptions options;
  options.stream_queue_bound = 100'000;
  TestServer server{{stream_route("/much",
                                  [&](auto, StreamStart start) -> std::shared_ptr<BodyConsumer> {
                                    std::lock_guard lock{log.mutex};
                                    log.stream = start.begin(Response{});
                                    return nullptr;
                                  })},
                    options};
  RawClient client{server.port(), 4096};
  client.send("POST /much HTTP/1.1\r\nHost: test\r\n\r\n");
  std::shared_ptr<ResponseStream> stream;
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock{log.mutex};
    stream = log.stream;
    return stream != nullptr;
  }));
  // The kernel's buffers fill, then our queue, then write() says no.
  std::uint64_t accepted = 0;
  const std::string piece(10'000, 'x');
  ASSERT_TRUE(eventually([&] {
    // Nobody else adds to the queue: what has room before a write still has it then.
    const bool full = stream->queued_bytes() + piece.size() > 100'000;
    const bool taken = stream->write(piece);
    if (taken) accepted += piece.size();
    return full && !taken;
  }));
  EXPECT_LE(stream->queued_bytes(), 100'000U);
  std::jthread reader{[&] {
    const auto answer = client.answer();
    EXPECT_EQ(answer.body.size(), accepted + 4);
  }};
  ASSERT_TRUE(eventually([&] { return stream->queued_bytes() == 0; })); // and it takes more again
  EXPECT_TRUE(stream->write("last"));
  stream->finish();
  EXPECT_FALSE(stream->write("after the end"));
  reader.join();
}

TEST(HttpStream, TellsTheWriterThatTheClientHasGone) {
  Log log;
  TestServer server{
      {stream_route("/much", [&](auto, StreamStart start) -> std::shared_ptr<BodyConsumer> {
        std::lock_guard lock{log.mutex};
        log.stream = start.begin(Response{});
        return nullptr;
      })}};
  RawClient client{server.port()};
  client.send("POST /much HTTP/1.1\r\nHost: test\r\n\r\n");
  ASSERT_TRUE(client.receive());
  client.reset();
  std::lock_guard lock{log.mutex};
  EXPECT_TRUE(eventually([&] { return !log.stream->write("x"); }));
  EXPECT_TRUE(eventually([&] { return server->open_requests() == 0; }));
}

TEST(HttpStream, BreaksTheAnswerOffWhenTheWriterGivesUp) {
  TestServer server{
      {stream_route("/half", [&](auto, StreamStart start) -> std::shared_ptr<BodyConsumer> {
        auto stream = start.begin(Response{});
        stream->write("half an ans");
        return nullptr;
      })}};
  RawClient client{server.port()};
  client.send("POST /half HTTP/1.1\r\nHost: test\r\n\r\n");
  const auto all = client.read_all();
  EXPECT_NE(all.find("half an ans"), std::string::npos);
  EXPECT_EQ(all.find("0\r\n\r\n"), std::string::npos); // no proper end
}

TEST(HttpStream, MayWantTheWholeBodyAndStreamTheAnswer) {
  std::mutex mutex;
  std::vector<std::jthread> writers;
  auto whole =
      stream_route("/whole", [&](auto request, StreamStart start) -> std::shared_ptr<BodyConsumer> {
        auto stream = start.begin(Response{});
        std::lock_guard lock{mutex};
        writers.emplace_back([stream, request] {
          for (char c : request->body) stream->write(std::string(1, c) + ";");
          stream->finish();
        });
        return nullptr;
      });
  whole.whole_body = true;
  TestServer server{{whole}, {}, 2};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(post("/whole", "abc")).body, "a;b;c;");
  EXPECT_EQ(client.ask(post("/whole", "def")).body, "d;e;f;");
  std::lock_guard lock{mutex};
  writers.clear(); // they have ended before the server goes
}

TEST(HttpStream, SurvivesAConsumerThatThrows) {
  Log log;
  TestServer server{{stream_route("/throw", [&](auto, StreamStart start) {
    return std::make_shared<Consumer>(
        log, [start](auto, auto) { throw std::runtime_error("x"); }, nullptr);
  })}};
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(post("/throw", "body")).status, 500);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(log.end_count(), 1U);
}

} // namespace
} // namespace graphrag::gateway::testing_http
