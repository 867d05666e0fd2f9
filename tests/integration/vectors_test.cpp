// Encoders on a real server: vectors come after their documents, survive kill -9, and a new model
// takes the place of the old one when it has vectors of everything. The model is a tiny random one:
// what its vectors mean is not tested here.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "tests/support/eventually.hpp"
#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/tiny_model.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

class Vectors : public testing::Test {
protected:
  void start(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.end(), {"--set", "admin.allow_kill=true"});
    server_ = std::make_unique<ServerProcess>(folder_.path() / "data", arguments);
    http_ = std::make_unique<HttpClient>(server_->port());
    admin_ = std::make_unique<HttpClient>(server_->admin_port());
  }

  // `graphrag model add` of a tiny model made from this seed.
  int add_model(std::uint32_t seed, const std::string& name) {
    const auto model = folder_.path() / name;
    for (const auto& [file, bytes] : tiny_model({}, seed)) {
      std::filesystem::create_directories((model / file).parent_path());
      std::ofstream{model / file, std::ios::binary} << bytes;
    }
    return run_graphrag({"model", "add", model.string(), "--admin-url",
                         "http://127.0.0.1:" + std::to_string(server_->admin_port())});
  }

  void put(const std::string& id, const std::string& text) {
    auto answer = http_->put("/api/v1/documents/" + id, {{"text", text}});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  std::string enrichment(const std::string& id) {
    return http_->get("/api/v1/documents/" + id).json()["enrichment"]["vectors"];
  }
  json models() { return admin_->get("/api/v1/admin/models").json()["items"]; }

  bool all_encoded() {
    return eventually([&] {
      auto all = models();
      return all.size() == 1 && all[0]["state"] == "active" && all[0]["loaded"] == true &&
             all[0]["documents_without_vectors"] == 0;
    });
  }
  HttpAnswer by_meaning(const std::string& question) {
    return http_->post("/api/v1/query", {{"query", question}, {"mode", "vector"}});
  }

  TempDir folder_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<HttpClient> http_, admin_;
};

TEST_F(Vectors, WithoutAModelNothingIsMissing) {
  start();
  put("a", "The cat runs.");
  EXPECT_EQ(enrichment("a"), "none");
  auto answer = by_meaning("cat");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json()["errors"][0]["pointer"], "/vector") << answer.body;
  EXPECT_EQ(http_->post("/api/v1/query", {{"query", "cat"}}).json()["results"].size(), 1U);
  EXPECT_EQ(run_graphrag({"model", "list", "--admin-url",
                          "http://127.0.0.1:" + std::to_string(server_->admin_port())}),
            0);
}

TEST_F(Vectors, ComeAfterTheirDocumentsAndSurviveAKill) {
  start();
  put("before", "The cat runs.");
  ASSERT_EQ(add_model(1, "one"), 0);
  put("after", "The dog runs. Hello world.");
  ASSERT_TRUE(all_encoded());
  EXPECT_TRUE(eventually(
      [&] { return enrichment("before") == "present" && enrichment("after") == "present"; }));
  auto found = by_meaning("the dog runs. hello world.").json();
  ASSERT_EQ(found["results"].size(), 2U) << found.dump();
  EXPECT_EQ(found["results"][0]["document_id"], "after") << "the same words, the same vector";
  EXPECT_NEAR(found["results"][0]["score"].get<double>(), 1.0, 1e-4);

  server_->kill_hard();
  start();
  ASSERT_TRUE(eventually([&] { return !models().empty() && models()[0]["loaded"] == true; }));
  EXPECT_EQ(models()[0]["documents_without_vectors"], 0);
  EXPECT_EQ(enrichment("before"), "present");
  EXPECT_EQ(by_meaning("the dog runs. hello world.").json()["results"], found["results"]);
}

TEST_F(Vectors, AModelThatIsNotLoadedIsMissedByName) {
  start();
  put("before", "The cat runs.");
  ASSERT_EQ(add_model(1, "one"), 0);
  ASSERT_TRUE(eventually([&] { return enrichment("before") == "present"; }));
  server_->kill_hard();
  std::filesystem::remove_all(folder_.path() / "data" / "blobs");
  start();
  EXPECT_EQ(enrichment("before"), "present") << "its vectors are there";
  put("after", "The dog runs.");
  EXPECT_EQ(enrichment("after"), "pending");
  for (const auto* mode : {"hybrid", "vector"}) {
    const auto answer = http_->post("/api/v1/query", {{"query", "dog"}, {"mode", mode}}).json();
    EXPECT_EQ(answer["partial"], true) << answer.dump();
    EXPECT_EQ(answer["missing"], json{"vector"}) << answer.dump();
    ASSERT_EQ(answer["results"].size(), 1U) << answer.dump();
    EXPECT_EQ(answer["results"][0]["document_id"], "after") << "by its words";
  }
}

TEST_F(Vectors, FollowTheText) {
  start();
  ASSERT_EQ(add_model(1, "one"), 0);
  put("a", "The cat runs.");
  put("b", "Hello world.");
  ASSERT_TRUE(all_encoded());
  auto patched = http_->request("PATCH", "/api/v1/documents/a", R"({"metadata": {"x": 1}})",
                                {{"Content-Type", "application/json"}});
  EXPECT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(enrichment("a"), "present") << "a patch leaves text and vectors";
  ASSERT_EQ(http_->put("/api/v1/documents/a", {{"text", "Un able un able."}}).status, 200);
  ASSERT_TRUE(eventually([&] { return enrichment("a") == "present"; }));
  EXPECT_EQ(by_meaning("un able un able.").json()["results"][0]["document_id"], "a");
  ASSERT_EQ(http_->request("DELETE", "/api/v1/documents/a").status, 204);
  auto left = by_meaning("un able un able.").json()["results"];
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0]["document_id"], "b");
}

TEST_F(Vectors, ANewModelTakesThePlaceOfTheOldOne) {
  start();
  put("a", "The cat runs.");
  ASSERT_EQ(add_model(1, "one"), 0);
  ASSERT_TRUE(all_encoded());
  const auto old = models()[0]["hash"];
  ASSERT_EQ(add_model(2, "two"), 0);
  ASSERT_TRUE(eventually([&] { return models().size() == 1 && models()[0]["hash"] != old; }));
  ASSERT_TRUE(all_encoded());
  EXPECT_EQ(models()[0]["name"], "two");
  EXPECT_NEAR(by_meaning("the cat runs.").json()["results"][0]["score"].get<double>(), 1.0, 1e-4)
      << "question and passage are of the same model";
  EXPECT_EQ(add_model(2, "two"), 0) << "adding it again changes nothing";
  EXPECT_EQ(models().size(), 1U);
  EXPECT_EQ(admin_->request("DELETE", "/api/v1/admin/models/two").status, 204);
  EXPECT_EQ(admin_->request("DELETE", "/api/v1/admin/models/two").status, 404);
  ASSERT_TRUE(eventually([&] { return enrichment("a") == "none"; }));
  server_->signal(SIGTERM);
  EXPECT_EQ(server_->wait_for_exit(std::chrono::seconds(60)), 0);
  std::string report;
  EXPECT_EQ(run_graphrag({"fsck", "--data", (folder_.path() / "data").string(), "--json"}, &report),
            0)
      << report;
}

TEST_F(Vectors, TheWorkGoesOnAfterItsActorsWereKilled) {
  start();
  ASSERT_EQ(add_model(1, "one"), 0);
  for (int i = 0; i < 200; ++i) {
    put("d" + std::to_string(i), "The cat runs. Hello world " + std::to_string(i) + ".");
    for (const auto* path :
         {"/node/vectors/embed", "/node/vectors/encoder-0", "/node/store/commit"})
      if (i == 60 || i == 120) {
        auto killed = admin_->request("POST", std::string{"/api/v1/admin/kill?path="} + path);
        EXPECT_EQ(killed.status, 202) << killed.body;
        // The commit actor restarts: a write is asked again until it is back, as clients do.
        ASSERT_TRUE(eventually([&] {
          return http_->put("/api/v1/documents/again", {{"text", "The cat."}}).status == 200;
        }));
      }
  }
  ASSERT_TRUE(all_encoded());
}

TEST_F(Vectors, ABoundedBacklogThatWasWorkedOffLetsDocumentsIn) {
  start({"--set", "encoder.max_backlog=1", "--set", "encoder.threads=1"});
  ASSERT_EQ(add_model(1, "one"), 0);
  put("a", "The cat runs.");
  ASSERT_TRUE(all_encoded());
  EXPECT_TRUE(eventually([&] { // the count is renewed every few seconds
    auto answer = http_->put("/api/v1/documents/b", {{"text", "The dog runs."}});
    EXPECT_TRUE(answer.status == 200 || answer.headers.contains("retry-after")) << answer.body;
    return answer.status == 200;
  }));
}

TEST_F(Vectors, ABrokenModelIsRefused) {
  start();
  auto answer = admin_->request("PUT", "/api/v1/admin/models/x", "no model",
                                {{"Content-Type", "application/octet-stream"}});
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(answer.json()["code"], "bad_model");
  EXPECT_TRUE(models().empty());
  EXPECT_NE(run_graphrag({"model", "add", (folder_.path() / "nothing").string(), "--admin-url",
                          "http://127.0.0.1:" + std::to_string(server_->admin_port())}),
            0);
}

} // namespace
} // namespace graphrag::test
