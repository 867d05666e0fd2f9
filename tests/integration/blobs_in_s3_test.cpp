// A server whose original files are in S3: it reads them back after a crash, and goes on without
// them while S3 is away.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "runtime/store/blobs/blob_key.hpp"
#include "tests/integration/process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_s3.hpp"
#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

const std::string report = "# Weirs\n\nThe heron of Marlow waits by the weir.\n";

class BlobsInS3 : public testing::Test {
protected:
  BlobsInS3()
      : s3{[this](const StubRequest& request, StubConnection& connection) {
          if (!away && !(reads_fail && request.method == "GET")) return false;
          if (away)
            connection.close();
          else
            connection.reply(503, s3_error("SlowDown"));
          return true;
        }} {
    const auto options = s3.options();
    std::ofstream(folder.path() / "access") << options.access_key << "\n";
    std::ofstream(folder.path() / "secret") << options.secret_key << "\n";
    settings = {"--set", "blobs.url=s3://" + options.bucket + "/" + options.prefix,
                "--set", "blobs.endpoint=" + options.endpoint,
                "--set", "blobs.region=" + options.region,
                "--set", "blobs.deadline=1s",
                "--set", "blobs.access_key_file=" + (folder.path() / "access").string(),
                "--set", "blobs.secret_key_file=" + (folder.path() / "secret").string()};
  }

  void start() {
    server.reset();
    server = std::make_unique<ServerProcess>(folder.path() / "data", settings);
    http = std::make_unique<HttpClient>(server->port());
  }
  HttpAnswer upload(const std::string& id, const std::string& bytes = report) {
    std::string type;
    const auto body = multipart_file("weirs.md", bytes, type);
    return http->request("PUT", "/api/v1/documents/" + id, body, {{"Content-Type", type}});
  }
  HttpAnswer original(const std::string& id) {
    return http->get("/api/v1/documents/" + id + "/content");
  }
  bool found(const std::string& words) {
    const auto answer = http->post("/api/v1/query", {{"query", words}});
    return answer.status == 200 && !answer.json()["results"].empty();
  }
  static void expect_away(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 503) << answer.body;
    EXPECT_EQ(answer.headers.count("retry-after"), 1U);
  }

  std::atomic<bool> away{false}, reads_fail{false};
  FakeS3 s3;
  TempDir folder;
  std::vector<std::string> settings;
  std::unique_ptr<ServerProcess> server;
  std::unique_ptr<HttpClient> http;
};

TEST_F(BlobsInS3, AnOriginalIsReadBackAfterACrashAndGoesWithItsDocument) {
  start();
  ASSERT_EQ(upload("weirs").status, 200);
  ASSERT_EQ(s3.count(), 1U);
  EXPECT_TRUE(s3.objects.begin()->first.starts_with("some/folder/"));
  EXPECT_EQ(s3.objects.begin()->second.bytes, report);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "data" / "blobs"));
  server->kill_hard();

  start();
  EXPECT_EQ(original("weirs").body, report);
  EXPECT_TRUE(found("heron of Marlow"));
  EXPECT_EQ(http->request("DELETE", "/api/v1/documents/weirs").status, 204);
  EXPECT_TRUE(eventually([&] { return s3.count() == 0; }));
  EXPECT_EQ(original("weirs").status, 404);
}

TEST_F(BlobsInS3, FsckReadsTheOriginalsThere) {
  start();
  ASSERT_EQ(upload("weirs").status, 200);
  server->kill_hard();
  std::vector<std::string> words{"fsck", "--data", (folder.path() / "data").string(), "--compare"};
  auto ended = graphrag(words);
  EXPECT_EQ(ended.code, 1) << "they are not in the folder";
  for (const auto& word : settings) {
    const auto url = word.find("blobs.url=");
    if (url == 0) words.back() = "--blobs"; // in place of --set
    words.push_back(url == 0 ? word.substr(10) : word);
  }
  ended = graphrag(words);
  EXPECT_EQ(ended.code, 0) << ended.out << ended.err;
  s3.objects.clear();
  EXPECT_EQ(graphrag(words).code, 1);
}

TEST_F(BlobsInS3, WhileItIsAwayFilesAreRefusedAndTheRestGoesOn) {
  start();
  ASSERT_EQ(upload("weirs").status, 200);
  away = true;
  expect_away(upload("refused"));
  expect_away(original("weirs"));
  expect_away(upload("refused"));
  EXPECT_EQ(http->get("/api/v1/documents/refused").status, 404) << "nothing half done";
  EXPECT_TRUE(found("heron of Marlow"));
  EXPECT_EQ(http->put("/api/v1/documents/note", {{"text", "The otter of Henley swims."}}).status,
            200)
      << "a text is its own original";
  EXPECT_TRUE(found("otter of Henley"));
  away = false;
  EXPECT_TRUE(eventually([&] { return upload("later").status == 200; }));
  EXPECT_EQ(original("later").body, report);
  EXPECT_EQ(original("weirs").body, report);
}

TEST_F(BlobsInS3, ANodeStartsWhileItIsAway) {
  start();
  ASSERT_EQ(upload("weirs").status, 200);
  server->kill_hard();
  away = true;
  start();
  EXPECT_TRUE(found("heron of Marlow"));
  EXPECT_NE(server->log().find("original files cannot be reached"), std::string::npos);
  away = false;
  EXPECT_TRUE(eventually([&] { return original("weirs").body == report; }));
}

TEST_F(BlobsInS3, ABulkJobWaitsForItsInput) {
  start();
  reads_fail = true;
  const auto answer = http->request(
      "POST", "/api/v1/documents/_bulk?mode=async",
      "{\"id\":\"a\",\"text\":\"The heron of Marlow waits.\"}\n", // a line is a document
      {{"Content-Type", "application/x-ndjson"}});
  ASSERT_EQ(answer.status, 202) << answer.body;
  const auto job = answer.json()["id"].get<std::string>();
  const auto before = s3.requests().size();
  ASSERT_TRUE(eventually([&] { return s3.requests().size() >= before + 4; })) << "it tries again";
  const auto state = [&] {
    return http->get("/api/v1/jobs/" + job).json().value("state", std::string{});
  };
  EXPECT_NE(state(), "failed");
  reads_fail = false;
  EXPECT_TRUE(eventually([&] { return state() == "done"; })) << state();
  EXPECT_TRUE(found("heron of Marlow"));
}

TEST_F(BlobsInS3, WhatACrashLeftIsSweptAtTheNextStartThatReachesIt) {
  start();
  ASSERT_EQ(upload("weirs").status, 200);
  server->kill_hard();
  const auto prefix = s3.options().prefix + "/";
  const auto orphan = prefix + runtime::make_blob_key("left");
  for (auto& [name, object] : s3.objects) object.modified -= 7200; // named, however old
  s3.objects[orphan] = {"left", "\"etag\"", "", s3.objects.begin()->second.modified};
  s3.objects["elsewhere/" + runtime::make_blob_key("other")] = s3.objects[orphan];
  away = true;
  start();
  EXPECT_TRUE(found("heron of Marlow"));
  EXPECT_EQ(s3.count(), 3U);
  server->kill_hard();
  away = false;
  start();
  EXPECT_TRUE(eventually([&] { return s3.count() == 2; }));
  EXPECT_EQ(original("weirs").body, report);
  server->kill_hard();
  EXPECT_EQ(s3.objects.count(orphan), 0U);
}

TEST_F(BlobsInS3, KeysThatAreNotAcceptedStopTheStartAndAreNotShown) {
  std::ofstream(folder.path() / "secret") << "hunter2-is-wrong\n";
  auto words = settings;
  words.insert(words.begin(), {"serve", "--data", (folder.path() / "data").string(), "--listen",
                               "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"});
  auto ended = graphrag(words);
  EXPECT_NE(ended.code, 0);
  EXPECT_NE(ended.err.find("blobs.url: "), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("does not accept the keys"), std::string::npos) << ended.err;
  EXPECT_EQ((ended.err + ended.out).find("hunter2"), std::string::npos);
  std::filesystem::remove(folder.path() / "secret");
  ended = graphrag(words);
  EXPECT_NE(ended.err.find("blobs.access_key_file: "), std::string::npos) << ended.err;
}

TEST_F(BlobsInS3, TheKeysAreNeverShown) {
  start();
  ASSERT_EQ(upload("weirs").status, 200);
  away = true;
  expect_away(upload("refused"));
  HttpClient admin{server->admin_port()};
  const auto shown = admin.get("/api/v1/admin/config");
  ASSERT_EQ(shown.status, 200);
  EXPECT_EQ(shown.json()["blobs.region"]["value"], s3.options().region);
  for (const auto& secret : {s3.options().secret_key, s3.options().access_key})
    EXPECT_EQ((shown.body + server->log() + admin.get("/metrics").body).find(secret),
              std::string::npos);
}

} // namespace
} // namespace graphrag::test
