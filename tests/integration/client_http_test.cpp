// HttpClient, the bulk loader and private servers against a stub.
#include <fstream>

#include <gtest/gtest.h>

#include "gateway/client/bulk.hpp"
#include "gateway/client/http_client.hpp"
#include "gateway/client/server_process.hpp"
#include "tests/integration/stub_server.hpp"

namespace graphrag::client {
namespace {

using test::StubServer;
using namespace std::chrono_literals;

HttpClient client_of(const StubServer& stub) { return HttpClient{*parse_url(stub.url())}; }

// Accepts connections (in the kernel) and never says a word.
struct SilentListener {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor{io, {boost::asio::ip::address_v4::loopback(), 0}};
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  }
};

std::string unused_url() { return SilentListener{}.url(); } // closed again at once

TEST(HttpClient, keeps_its_connection) {
  StubServer stub;
  auto client = client_of(stub);
  HttpCall call;
  call.target = "/ready";
  for (int i = 0; i < 5; ++i) {
    auto reply = client.send(call);
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->header("content-type"), "application/json");
  }
  EXPECT_EQ(stub.connections(), 1U);
}

TEST(HttpClient, replaces_a_connection_that_was_closed_while_kept) {
  StubServer stub;
  auto client = client_of(stub);
  HttpCall call;
  call.target = "/ready";
  ASSERT_TRUE(client.send(call));
  {
    std::lock_guard lock{stub.mutex};
    stub.faults = {StubServer::Fault::hang_up}; // once
  }
  call.method = "PUT";
  call.target = document_path("default", "x");
  call.body = "\r\n\r\nabc";
  auto reply = client.send(call);
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(stub.connections(), 2U);
}

TEST(HttpClient, sends_the_key_with_every_request) {
  StubServer stub;
  auto client = open_client({stub.url(), "grk_secret"});
  ASSERT_TRUE(client);
  HttpCall call;
  call.target = "/ready";
  ASSERT_TRUE(client->send(call));
  std::lock_guard lock{stub.mutex};
  EXPECT_EQ(stub.last_headers["Authorization"], "Bearer grk_secret");
}

TEST(HttpClient, says_when_nobody_is_there) {
  HttpClient client{*parse_url(unused_url())};
  auto reply = client.send({});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, runtime::Errc::unavailable);
}

TEST(HttpClient, gives_up_at_its_deadline) {
  SilentListener silent;
  HttpClient client{*parse_url(silent.url())};
  HttpCall call;
  call.deadline = 50ms;
  auto begin = std::chrono::steady_clock::now();
  auto reply = client.send(call);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, runtime::Errc::timeout);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 50ms);
  StreamCall stream;
  stream.next_piece = [] { return std::nullopt; };
  stream.on_line = [](std::string_view) { return true; };
  stream.idle_deadline = 50ms;
  auto streamed = client.stream(stream);
  ASSERT_FALSE(streamed);
  EXPECT_EQ(streamed.error().code, runtime::Errc::timeout);
}

std::vector<std::string> numbered_lines(std::size_t count) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i)
    lines.push_back(R"({"id":"d)" + std::to_string(i) + R"(","text":")" + std::string(400, 'x') +
                    "\"}");
  return lines;
}

TEST(BulkLoad, reads_answers_while_it_writes) {
  // More than socket buffers hold in both directions: without reading, both sides would stand
  // still.
  StubServer stub;
  auto lines = numbered_lines(40'000);
  std::uint64_t last = 0;
  auto report =
      bulk_load(lines, {{stub.url(), ""}, "default", 2, 1}, [&](std::uint64_t n) { last = n; });
  EXPECT_TRUE(report.connection) << report.connection.error().detail;
  EXPECT_EQ(report.ok, lines.size());
  EXPECT_EQ(report.failed, 0U);
  EXPECT_EQ(last, lines.size());
  std::lock_guard lock{stub.mutex};
  EXPECT_EQ(stub.documents["default"].size(), lines.size());
}

TEST(BulkLoad, sends_again_what_was_not_answered) {
  StubServer stub;
  stub.bulk_lines_before_hang_up = 30;
  auto lines = numbered_lines(100);
  auto report = bulk_load(lines, {{stub.url(), ""}, "default", 1, 3}, {});
  EXPECT_TRUE(report.connection);
  EXPECT_EQ(report.ok, 100U);
  std::lock_guard lock{stub.mutex};
  EXPECT_EQ(stub.documents["default"].size(), 100U);
}

TEST(BulkLoad, counts_refused_lines_and_goes_on) {
  StubServer stub;
  auto report = bulk_load({R"({"id":"a","text":"x"})", R"({"id":"b"})", R"({"id":"c","text":"y"})"},
                          {{stub.url(), ""}, "default", 1, 2}, {});
  EXPECT_EQ(report.ok, 2U);
  EXPECT_EQ(report.failed, 1U);
  EXPECT_NE(report.first_failure.find("422"), std::string::npos);
}

TEST(BulkLoad, reports_a_server_that_is_not_there) {
  auto report = bulk_load({"{}"}, {{unused_url(), ""}, "default", 1, 1}, {});
  ASSERT_FALSE(report.connection);
  EXPECT_EQ(report.ok + report.failed, 0U);
}

TEST(ListVersions, reads_all_pages_of_a_prefix) {
  StubServer stub;
  for (auto id : {"a/1", "a/2", "a/3", "a/4", "a/5", "b/1"})
    stub.documents["default"][id] = {7, ""};
  auto client = client_of(stub);
  auto versions = list_versions(client, "default", "a/");
  ASSERT_TRUE(versions);
  EXPECT_EQ(versions->size(), 5U);
  EXPECT_EQ(versions->at("a/5"), 7U);
  auto none = list_versions(client, "typo", "");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().exit_code, exit_findings);
}

TEST(ListeningLine, gives_both_addresses) {
  std::string url, admin;
  EXPECT_TRUE(parse_listening_line(
      "listening on http://127.0.0.1:41234 (admin http://127.0.0.1:41235)", url, admin));
  EXPECT_EQ(url, "http://127.0.0.1:41234");
  EXPECT_EQ(admin, "http://127.0.0.1:41235");
  EXPECT_FALSE(parse_listening_line("listening on http://127.0.0.1:41234", url, admin));
  EXPECT_FALSE(parse_listening_line("", url, admin));
}

class ServerProcessTest : public testing::Test {
protected:
  ServerProcessTest() : folder(std::move(*TemporaryFolder::make())) {}
  ServerProcessOptions script(const std::string& body) {
    auto path = folder.path() / "serve";
    std::ofstream{path} << "#!/bin/sh\n" << body << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    ServerProcessOptions options;
    options.executable = path;
    options.data_dir = folder.path() / "data";
    options.start_deadline = 20s;
    return options;
  }
  TemporaryFolder folder;
};

TEST_F(ServerProcessTest, waits_for_the_line_and_stops_gently) {
  auto server = ServerProcess::start(script("trap 'exit 7' TERM\n"
                                            "echo first words\n"
                                            "echo 'listening on http://h:1 (admin http://h:2)'\n"
                                            "while :; do sleep 0.05; done"));
  ASSERT_TRUE(server) << server.error().detail;
  EXPECT_EQ(server->url(), "http://h:1");
  EXPECT_EQ(server->admin_url(), "http://h:2");
  EXPECT_EQ(server->stop(20s), 7);
}

TEST_F(ServerProcessTest, kills_what_does_not_stop) {
  auto server = ServerProcess::start(script("trap '' TERM\n"
                                            "echo 'listening on http://h:1 (admin http://h:2)'\n"
                                            "while :; do sleep 0.05; done"));
  ASSERT_TRUE(server) << server.error().detail;
  EXPECT_EQ(server->stop(100ms), 128 + SIGKILL);
}

TEST_F(ServerProcessTest, says_that_it_ended_early_or_never_listened) {
  auto server = ServerProcess::start(script("exit 5"));
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().detail.find("code 5"), std::string::npos) << server.error().detail;
  auto options = script("exec sleep 60");
  options.start_deadline = 100ms;
  server = ServerProcess::start(options);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, runtime::Errc::timeout);
}

TEST(TemporaryFolderTest, goes_away_with_everything_in_it) {
  std::filesystem::path path;
  {
    auto folder = TemporaryFolder::make();
    ASSERT_TRUE(folder);
    path = folder->path();
    std::filesystem::create_directories(path / "a/b");
    std::ofstream{path / "a/b/c"} << "x";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

} // namespace
} // namespace graphrag::client
