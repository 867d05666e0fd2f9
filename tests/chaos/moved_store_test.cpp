// What `graphrag migrate-store` made of a node's data, in the hands of a cluster.
#include <gtest/gtest.h>

#include "tests/support/eventually.hpp"
#include "tests/support/moved_store.hpp"
#include "tests/support/test_cluster.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

TEST(MovedStore, AClusterGoesOnWhereTheNodeStopped) {
  if (auto why = PostgresServer::why_not(); !why.empty()) GTEST_SKIP() << "NOT TESTED: " << why;
  const MovedStore source;
  TestCluster cluster{0};
  const std::vector<std::string> migrate{"migrate-store", "--data",      source.data().string(),
                                         "--to",          cluster.url(), "--compare",
                                         "--json"};
  std::string out;
  ASSERT_EQ(run_graphrag(migrate, &out), 0) << out;
  const auto said = json::parse(out, nullptr, false);
  EXPECT_EQ(said["collections"]["default"]["documents"], MovedStore::files + 3);
  EXPECT_EQ(said["collections"]["library"]["documents"], 29);
  EXPECT_EQ(said["collections"]["library"]["jobs"], 1);
  EXPECT_EQ(said["blobs"], MovedStore::files + 2);

  cluster.add();
  ASSERT_TRUE(eventually([&] { return cluster.ready(0); })) << cluster.logs();
  HttpClient http{cluster.node(0).port()};
  for (int i = 0; i < MovedStore::files; ++i)
    EXPECT_EQ(http.get("/api/v1/documents/file" + std::to_string(i) + "/content").body,
              MovedStore::report(i));
  const auto answer =
      http.post("/api/v1/query", {{"query", "heron of Weir3"}, {"after", source.token()}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["partial"], false) << "a token of the time before is valid";
  EXPECT_EQ(answer.json()["results"][0]["document_id"], "file3");
  const auto note = http.get("/api/v1/collections/library/documents/note1").json();
  EXPECT_EQ(note["title"], "Of otters");
  EXPECT_EQ(note["version"], 2);
  EXPECT_EQ(http.get("/api/v1/collections/library/documents/note2").status, 404);
  const auto again =
      http.request("POST", "/api/v1/documents", R"({"text": "Said once."})",
                   {{"Content-Type", "application/json"}, {"Idempotency-Key", "once"}});
  EXPECT_EQ(again.headers.count("idempotent-replayed"), 1U) << again.body;
  // What waited is done.
  EXPECT_TRUE(eventually([&] {
    return http.get("/api/v1/documents/queued").json().value("state", "") == "searchable";
  })) << cluster.logs();
  EXPECT_TRUE(eventually([&] {
    return http.get("/api/v1/collections/library/documents/by-job").status == 200;
  })) << cluster.logs();
  EXPECT_EQ(http.put("/api/v1/documents/file3", {{"text", "Newer."}}).json()["version"], 2);
  EXPECT_EQ(run_graphrag(migrate, &out), 1) << "not a copy any more";
}

} // namespace
} // namespace graphrag::test
