// What is done about rows that are already there: facts that are not those of their text, and jobs
// that ended long ago.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "actors/chunk/analyse.hpp"
#include "actors/document/finished_jobs.hpp"
#include "runtime/store/store.hpp"
#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;
using namespace runtime;

class StoredState : public testing::Test {
protected:
  std::unique_ptr<Store> open_store() {
    auto store = open_sqlite_store({(data / "graphrag.db").string(), 1, 0});
    return store ? std::move(*store) : nullptr;
  }
  void stop(ServerProcess& server) {
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait_for_exit(std::chrono::seconds(60)), 0);
  }
  json fsck(std::vector<std::string> more, int expected) {
    std::vector<std::string> words{"fsck", "--data", data.string(), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    std::string report;
    EXPECT_EQ(run_graphrag(words, &report), expected) << report;
    return json::parse(report, nullptr, false);
  }
  TempDir folder;
  std::filesystem::path data = folder.path() / "data";
};

// Commits the document again with a term of its first chunk forgotten.
void plant(Store& store, const DocumentKey& key) {
  auto content = store.content(key);
  ASSERT_TRUE(content);
  CommitOp op;
  op.input.key = key;
  op.input.title = content->record.title;
  op.input.filename = content->record.filename;
  op.input.mime = content->record.mime;
  op.input.metadata = R"({"planted":true})";
  op.input.content_hash = content->record.content_hash;
  op.input.bytes = content->record.bytes;
  op.text = content->text;
  op.analysis_version = content->analysis_version;
  op.entity_count = content->record.entity_count;
  op.chunks = content->chunks;
  chunk::AnalysedChunk facts;
  ASSERT_TRUE(chunk::unpack(op.chunks[0].facts, facts));
  facts.terms.erase(facts.terms.begin());
  op.chunks[0].facts = chunk::pack(facts);
  auto written = store.write(std::vector<WriteOp>{op});
  ASSERT_TRUE(written && !written->results[0].error);
}

TEST_F(StoredState, ComparisonFindsTheDocumentWhoseFactsAreNotThoseOfItsText) {
  {
    ServerProcess server{data};
    HttpClient http{server.port()};
    for (const auto* id : {"heron", "otter", "renamed"})
      ASSERT_EQ(http.put(std::string{"/api/v1/documents/"} + id,
                         {{"title", "Weir"}, {"text", "The heron waits. The Otter Club swims."}})
                    .status,
                200);
    std::string type;
    auto body = multipart_file(
        "reeds.md", "# Reeds\n\nThey bend.\n\n## Winter\n\nThe Reed Guild cuts them.\n", type);
    ASSERT_EQ(http.request("PUT", "/api/v1/documents/reeds", body, {{"Content-Type", type}}).status,
              200);
    ASSERT_EQ(http.request("PATCH", "/api/v1/documents/renamed", R"({"title": "Mill Race"})",
                           {{"Content-Type", "application/json"}})
                  .status,
              200);
    stop(server);
  }
  auto clean = fsck({"--compare"}, 0);
  EXPECT_EQ(clean["retitled"], 1) << clean.dump();
  auto store = open_store();
  ASSERT_TRUE(store);
  plant(*store, {"default", "otter"});
  store.reset();
  fsck({}, 0);
  auto found = fsck({"--compare"}, 1);
  ASSERT_EQ(found["findings"].size(), 1U) << found.dump();
  EXPECT_EQ(found["findings"][0], "default/otter: the facts of chunk 0 are not those of its text");
}

TEST_F(StoredState, FinishedJobsAreForgottenAndOthersNot) {
  { ServerProcess{data}.kill_hard(); } // makes the store
  auto store = open_store();
  ASSERT_TRUE(store);
  auto now = SystemClock{}.wall_ms();
  std::vector<WriteOp> ops;
  const auto kept = static_cast<int>(document::kept_finished_jobs);
  for (int i = 0; i < kept + 5; ++i)
    ops.push_back(
        SaveJobOp{"j" + std::to_string(i), "default", "bulk", "done", "{}", now - 1'000 + i});
  ops.push_back(SaveJobOp{"old", "default", "bulk", "failed", "{}",
                          now - std::chrono::milliseconds(std::chrono::hours(8 * 24)).count()});
  ASSERT_TRUE(store->write(ops));
  store.reset();

  ServerProcess server{data};
  HttpClient http{server.port()};
  // A job of today: it ends after the actor has looked at those before it.
  auto job = http.post("/api/v1/documents/_delete",
                       {{"filter", {{"must", json::array({{{"key", "group"}, {"match", "x"}}})}}}});
  ASSERT_EQ(job.status, 202) << job.body;
  auto place = job.headers.at("location");
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  auto status = [&](const std::string& id) { return http.get("/api/v1/jobs/" + id).status; };
  while ((http.get(place).json().value("state", "") != "done" || status("j5") != 404) &&
         std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  for (const auto* gone : {"old", "j0", "j4", "j5"}) EXPECT_EQ(status(gone), 404) << gone;
  for (const auto* there : {"j6", "j1004"}) EXPECT_EQ(status(there), 200) << there;
  EXPECT_EQ(http.get(place).status, 200);
  stop(server);
  store = open_store();
  EXPECT_EQ(store->jobs(10'000)->size(), document::kept_finished_jobs);
}

} // namespace
} // namespace graphrag::test
