// Settings of a node that its clients notice.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

class Settings : public testing::Test {
protected:
  void start(const std::string& yaml) {
    auto file = folder.path() / "graphrag.yaml";
    std::ofstream{file} << yaml;
    server = std::make_unique<ServerProcess>(folder.path() / "data",
                                             std::vector<std::string>{"--config", file.string()});
    http = std::make_unique<HttpClient>(server->port());
  }
  HttpAnswer upload(const std::string& id, std::size_t bytes,
                    std::map<std::string, std::string> headers = {}) {
    std::string text;
    for (int i = 0; text.size() < bytes; ++i) text += "Heron " + std::to_string(i) + " waits. ";
    auto body = multipart_file(id + ".txt", text, headers["Content-Type"]);
    return http->request("PUT", "/api/v1/documents/" + id, body, headers);
  }
  TempDir folder;
  std::unique_ptr<ServerProcess> server;
  std::unique_ptr<HttpClient> http;
};

TEST_F(Settings, AQuestionMayNotAskForMoreTimeThanTheLongest) {
  start("query:\n  max_deadline: 6s\n");
  EXPECT_EQ(http->post("/api/v1/query", {{"query", "heron"}, {"timeout_ms", 6'000}}).status, 200);
  auto refused = http->post("/api/v1/query", {{"query", "heron"}, {"timeout_ms", 6'001}});
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.json()["errors"][0]["pointer"], "/timeout_ms") << refused.body;
}

TEST_F(Settings, AQuestionMayAskForMoreThanAMinuteWhereThatIsAllowed) {
  start("query:\n  max_deadline: 2m\n");
  EXPECT_EQ(http->post("/api/v1/query", {{"query", "heron"}, {"timeout_ms", 90'000}}).status, 200);
}

TEST_F(Settings, AWaitIsCutToTheLongest) {
  start("ingest:\n  wait: 1s\n  max_wait: 2s\n");
  auto answer = upload("a", 1'000, {{"Prefer", "wait=100"}});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers["preference-applied"], "wait=2");
}

TEST_F(Settings, AWriteThatNamesNoWaitTakesTheUsualOne) {
  start("ingest:\n  wait: 0s\n");
  auto answer = upload("a", 4'000'000);
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(answer.headers.count("location"), 1U);
  EXPECT_EQ(answer.headers.count("preference-applied"), 0U);
  auto patient = upload("b", 1'000, {{"Prefer", "wait=60"}});
  EXPECT_EQ(patient.status, 200) << patient.body;
}

} // namespace
} // namespace graphrag::test
