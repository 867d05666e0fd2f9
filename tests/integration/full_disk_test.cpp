// A disk that is full: writes are refused and say why, reads go on, nothing acknowledged is lost,
// and all heals by itself when there is room again.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "tests/support/eventually.hpp"
#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/small_disk.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;
using std::chrono::seconds;
constexpr std::uint64_t MiB = 1 << 20;

#define NEEDS(disk)                                                                                \
  if (!(disk).ready()) GTEST_SKIP() << "NOT TESTED: a full disk. " << (disk).error()

std::string text_of(int number, std::size_t bytes) {
  std::string text = "The heron of marker" + std::to_string(number) + " waits by the weir. ";
  for (int word = 0; text.size() < bytes; ++word)
    text += "Reed " + std::to_string((number * 7919 + word * 31) % 9973) + " bends. ";
  return text;
}

class FullDisk : public testing::Test {
protected:
  FullDisk() : disk(folder.path() / "disk", 48) {}

  // `lines` are the settings, as YAML.
  void start(const std::string& lines) {
    auto settings = folder.path() / "graphrag.yaml";
    std::ofstream{settings} << lines;
    arguments = {"--config", settings.string()};
    restart();
  }
  void restart() {
    server.reset();
    server = std::make_unique<ServerProcess>(disk.path() / "data", arguments);
    http = std::make_unique<HttpClient>(server->port());
  }
  void stop() {
    server->signal(SIGTERM);
    EXPECT_EQ(server->wait_for_exit(seconds(60)), 0);
  }
  void expect_clean() {
    std::string report;
    EXPECT_EQ(
        run_graphrag({"fsck", "--data", (disk.path() / "data").string(), "--compare"}, &report), 0)
        << report;
  }

  HttpAnswer put(int number, std::size_t bytes = 2'000) {
    return http->put("/api/v1/documents/d" + std::to_string(number),
                     {{"text", text_of(number, bytes)}});
  }
  HttpAnswer upload(int number, std::size_t bytes) {
    std::string type;
    auto body = multipart_file("f" + std::to_string(number) + ".txt", text_of(number, bytes), type);
    return http->request("PUT", "/api/v1/documents/d" + std::to_string(number), body,
                         {{"Content-Type", type}});
  }
  static void expect_full(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 507) << answer.body;
    EXPECT_EQ(answer.headers.count("content-type"), 1U);
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(answer.headers.count("retry-after"), 1U);
    auto body = answer.json();
    EXPECT_EQ(body.value("status", 0), 507) << answer.body;
    EXPECT_EQ(body.value("code", ""), "no_space") << answer.body;
    EXPECT_TRUE(body.contains("title") && body.contains("trace_id")) << answer.body;
  }
  bool found(int number) {
    auto answer = http->post("/api/v1/query", {{"query", "marker" + std::to_string(number)}});
    if (answer.status != 200) return false;
    auto body = answer.json();
    for (const auto& result : body["results"])
      if (result["document_id"] == "d" + std::to_string(number)) return true;
    return false;
  }
  void expect_kept(int number, std::size_t bytes) {
    auto text = http->get("/api/v1/documents/d" + std::to_string(number) + "/text");
    EXPECT_EQ(text.status, 200) << number;
    EXPECT_GE(text.body.size() + 8, bytes) << number;
    EXPECT_TRUE(found(number)) << number;
  }
  static bool eventually(const std::function<bool()>& holds) {
    return test::eventually(holds, seconds(30));
  }

  TempDir folder;
  SmallDisk disk;
  std::vector<std::string> arguments;
  std::unique_ptr<ServerProcess> server;
  std::unique_ptr<HttpClient> http;
};

TEST_F(FullDisk, WithoutAReserveTheDiskItselfSaysNoAndHeals) {
  NEEDS(disk);
  disk.fill(32 * MiB); // a file of another program
  start("store:\n  min_free: 0\n");
  // Texts and files, until there is no room for either.
  std::vector<std::pair<int, std::size_t>> kept;
  int number = 0, refused = 0;
  for (; refused < 4 && number < 400; ++number) {
    std::size_t bytes = number % 2 == 0 ? 200'000 : 600'000;
    auto answer = number % 2 == 0 ? put(number, bytes) : upload(number, bytes);
    if (answer.status == 200 || answer.status == 202) {
      kept.emplace_back(number, bytes);
    } else {
      expect_full(answer);
      ++refused;
    }
  }
  ASSERT_EQ(refused, 4);
  ASSERT_GT(kept.size(), 4U);
  disk.fill();
  expect_full(put(1'000));
  expect_full(upload(1'001, 100'000));
  EXPECT_TRUE(found(0));
  EXPECT_EQ(http->get("/api/v1/documents?limit=10").status, 200);
  EXPECT_EQ(http->get("/api/v1/documents/d0/text").status, 200);
  EXPECT_EQ(http->get("/ready").status, 200);

  disk.remove_filler();
  ASSERT_TRUE(eventually([&] { return put(2'000).status == 200; })) << put(2'000).body;
  auto last = "/api/v1/documents/d" + std::to_string(kept.back().first);
  EXPECT_EQ(http->request("DELETE", last).status, 204);
  kept.pop_back();
  EXPECT_TRUE(found(2'000));
  ASSERT_TRUE(eventually(
      [&] { return http->get("/api/v1/documents?state=queued").json().value("total", 1) == 0; }));
  for (auto [d, bytes] : kept) expect_kept(d, bytes);
  stop();
  expect_clean();
}

TEST_F(FullDisk, AFillerOfAnotherProgramIsSurvivedEvenByAKill) {
  NEEDS(disk);
  start("store:\n  min_free: 0\n");
  for (int i = 0; i < 20; ++i) ASSERT_EQ(put(i).status, 200);
  disk.fill();
  int refused = 0;
  for (int i = 100; i < 400 && refused < 3; ++i) {
    auto answer = put(i, 20'000); // the write-ahead log may have some room of its own
    if (answer.status == 200) continue;
    expect_full(answer);
    ++refused;
  }
  EXPECT_EQ(refused, 3);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(found(i)) << i;
  server->kill_hard();
  disk.remove_filler();
  restart();
  for (int i = 0; i < 20; ++i) expect_kept(i, 2'000);
  EXPECT_EQ(put(500).status, 200);
  stop();
  expect_clean();
}

TEST_F(FullDisk, TheReserveRefusesNewDataAndLetsDeletesThrough) {
  NEEDS(disk);
  start("store:\n  min_free: 16MiB\n");
  for (int i = 0; i < 10; ++i) ASSERT_EQ(put(i).status, 200);
  ASSERT_EQ(upload(10, 50'000).status, 200);
  disk.fill(8 * MiB);
  ASSERT_TRUE(eventually([&] { return put(100).status == 507; }));
  expect_full(put(101));
  expect_full(upload(102, 50'000));
  expect_full(http->put("/api/v1/collections/more", json::object()));
  expect_full(http->request("PATCH", "/api/v1/documents/d1", R"({"title": "Weir"})",
                            {{"Content-Type", "application/json"}}));
  auto lines = json{{"id", "b"}, {"text", "A line."}}.dump() + "\n";
  auto bulk = http->request("POST", "/api/v1/documents/_bulk", lines,
                            {{"Content-Type", "application/x-ndjson"}});
  EXPECT_NE(bulk.body.find("\"status\":507"), std::string::npos) << bulk.body;
  expect_full(http->request("POST", "/api/v1/documents/_bulk?mode=async", lines,
                            {{"Content-Type", "application/x-ndjson"}}));
  EXPECT_TRUE(found(3));
  EXPECT_EQ(http->request("DELETE", "/api/v1/documents/d3").status, 204);
  EXPECT_FALSE(found(3));

  disk.remove_filler();
  ASSERT_TRUE(eventually([&] { return put(100).status == 200; }));
  EXPECT_EQ(upload(102, 50'000).status, 200);
  EXPECT_TRUE(found(102));
  stop();
  expect_clean();
}

TEST_F(FullDisk, AcceptedWorkWaitsForRoomAndIsNotGivenUp) {
  NEEDS(disk);
  start("store:\n  min_free: 16MiB\n");
  // Lines of a job, most of which meet a full disk.
  std::string lines;
  for (int i = 0; i < 1'500; ++i)
    lines += json{{"id", "d" + std::to_string(i)}, {"text", text_of(i, 300)}}.dump() + "\n";
  auto job = http->request("POST", "/api/v1/documents/_bulk?mode=async", lines,
                           {{"Content-Type", "application/x-ndjson"}});
  ASSERT_EQ(job.status, 202) << job.body;
  disk.fill(8 * MiB);
  auto place = job.headers.at("location");
  ASSERT_TRUE(eventually([&] { return put(9'000).status == 507; }));
  disk.remove_filler();
  ASSERT_TRUE(eventually([&] { return http->get(place).json().value("state", "") == "done"; }))
      << http->get(place).body;
  EXPECT_EQ(http->get(place).json().value("failed", -1), 0) << http->get(place).body;
  EXPECT_EQ(http->get(place).json().value("ok", 0), 1'500);
  EXPECT_TRUE(found(1'499));
  stop();
  expect_clean();
}

TEST_F(FullDisk, ALogThatCannotBeWrittenStopsNothing) {
  NEEDS(disk);
  SmallDisk logs{folder.path() / "logs", 1};
  NEEDS(logs);
  logs.fill();
  start("log:\n  file: " + (logs.path() / "server.log").string() + "\n");
  EXPECT_EQ(put(1).status, 200);
  EXPECT_TRUE(found(1));
  EXPECT_NE(
      HttpClient{server->admin_port()}.get("/metrics").body.find("\ngraphrag_log_dropped_total"),
      std::string::npos);
  logs.remove_filler();
  stop(); // what is logged then fits again
  std::ifstream in{logs.path() / "server.log"};
  std::string line, last;
  while (std::getline(in, line)) last = line;
  EXPECT_EQ(json::parse(last, nullptr, false).value("message", ""), "stopped") << last;
}

TEST_F(FullDisk, AStandardErrorThatNobodyReadsStopsNothing) {
  NEEDS(disk);
  // The server's standard error goes to this name; here it is a pipe, and full.
  auto name = disk.path() / "server.log";
  ASSERT_EQ(::mkfifo(name.c_str(), 0600), 0);
  int ends = ::open(name.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(ends, 0);
  const std::string piece(4096, 'x');
  while (::write(ends, piece.data(), piece.size()) > 0) {
  }
  start("log:\n  level: debug\n");
  EXPECT_EQ(put(1).status, 200);
  EXPECT_TRUE(found(1));
  stop();
  ::close(ends);
}

TEST_F(FullDisk, TheFolderOfTemporaryFilesIsNotNeeded) {
  NEEDS(disk);
  SmallDisk temporary{folder.path() / "tmp", 1};
  NEEDS(temporary);
  temporary.fill();
  const char* before = std::getenv("TMPDIR");
  std::string kept = before ? before : "";
  ::setenv("TMPDIR", temporary.path().c_str(), 1);
  start("{}\n");
  before ? ::setenv("TMPDIR", kept.c_str(), 1) : ::unsetenv("TMPDIR");
  EXPECT_EQ(upload(1, 400'000).status, 200); // large enough for a parser of its own
  EXPECT_TRUE(found(1));
  stop();
}

} // namespace
} // namespace graphrag::test
