// Whichever node of a cluster is asked, the answer is the same: here two nodes hold collections,
// one is a gateway and one a worker, with a real PostgreSQL between them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/support/eventually.hpp"
#include "tests/support/test_cluster.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

constexpr std::size_t gateway = 0, worker = 1, nodes = 4;
constexpr int collections = 6;

std::string name_of_collection(int i) { return "c" + std::to_string(i); }
std::string base(const std::string& collection) { return "/api/v1/collections/" + collection; }

class ClusterQuestions : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    if (!PostgresServer::why_not().empty()) return;
    cluster_ = std::make_unique<TestCluster>(nodes, std::vector<std::string>{}, nullptr,
                                             std::vector<std::string>{"gateway", "gateway,worker"});
    ASSERT_TRUE(eventually([] { return cluster_->settled(); })) << cluster_->logs();
    // Each collection is made and filled through another node.
    for (int i = 0; i < collections; ++i) {
      const auto node = static_cast<std::size_t>(i) % nodes;
      const auto collection = name_of_collection(i);
      ASSERT_EQ(call(node, "PUT", base(collection)).status, 201);
      for (int d = 0; d < 5; ++d) {
        const auto text = "Harold Finch keeps the ledger number " + std::to_string(d) +
                          " in the harbour of Port " + collection +
                          ". Anna Reed visits Harold Finch.";
        const auto answer =
            call(node, "PUT", base(collection) + "/documents/d" + std::to_string(d),
                 json{{"text", text}, {"title", "Ledger " + std::to_string(d)}}.dump());
        ASSERT_EQ(answer.status, 200) << answer.body << answer.error;
      }
    }
    // A node that did not write them follows a moment later.
    for (const std::size_t node : {2, 3})
      ASSERT_TRUE(eventually([&] { return documents_at(node) == 5 * collections; })) << node;
  }
  static void TearDownTestSuite() { cluster_.reset(); }
  void SetUp() override {
    if (const auto why = PostgresServer::why_not(); !why.empty()) GTEST_SKIP() << why;
    ASSERT_TRUE(cluster_);
  }
  void TearDown() override {
    if (HasFailure() && cluster_) std::fprintf(stderr, "%s\n", cluster_->logs().c_str());
  }

  static HttpAnswer call(std::size_t node, const std::string& method, const std::string& target,
                         const std::string& body = "") {
    return HttpClient{cluster_->node(node).port()}.request(method, target, body,
                                                           {{"Content-Type", "application/json"}});
  }
  static HttpAnswer ask(std::size_t node, const std::string& collection, json question) {
    return call(node, "POST", base(collection) + "/query", question.dump());
  }
  static std::vector<std::string> found(const HttpAnswer& answer) {
    std::vector<std::string> out;
    const auto body = answer.json();
    if (answer.status == 200)
      for (const auto& hit : body["results"]) out.push_back(hit["document_id"]);
    return out;
  }
  static double metric(std::size_t node, const std::string& start) {
    std::istringstream lines{HttpClient{cluster_->node(node).admin_port()}.get("/metrics").body};
    double sum = 0;
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(start)) sum += std::stod(line.substr(line.rfind(' ')));
    return sum;
  }
  static double documents_at(std::size_t node) {
    return metric(node, "graphrag_index_items{item=\"document\"}");
  }
  static inline std::unique_ptr<TestCluster> cluster_;
};

TEST_F(ClusterQuestions, OnlyNodesOfThatRoleHoldCollections) {
  const auto status = cluster_->status(gateway, TestCluster::only_look);
  ASSERT_TRUE(status.is_object());
  ASSERT_EQ(status["placement"].size(), 64U);
  std::size_t held = 0;
  for (const auto& shard : status["placement"]) {
    EXPECT_THAT(shard["serving"].get<std::vector<std::size_t>>(), ::testing::ElementsAre(2, 3));
    ++held;
  }
  EXPECT_EQ(held, 64U);
  EXPECT_EQ(documents_at(gateway), 0);
  for (const std::size_t node : {2, 3}) EXPECT_EQ(documents_at(node), 5 * collections) << node;
}

TEST_F(ClusterQuestions, EveryNodeGivesTheSameAnswer) {
  const auto before = metric(gateway, "graphrag_peer_questions_total{result=\"answered\"}");
  for (int i = 0; i < collections; ++i) {
    const auto collection = name_of_collection(i);
    for (const json& question : {json{{"query", "Who keeps the ledger number 3?"}},
                                 json{{"query", "Who visits Harold Finch?"}, {"explain", true}},
                                 json{{"query", "ledger"}, {"mode", "keyword"}, {"limit", 2}}}) {
      json first;
      for (std::size_t node = 0; node < nodes; ++node) {
        const auto answer = ask(node, collection, question);
        ASSERT_EQ(answer.status, 200) << node << answer.body << answer.error;
        auto body = answer.json();
        EXPECT_FALSE(body["results"].empty());
        EXPECT_FALSE(body["partial"].get<bool>());
        body.erase("took_ms");
        body.erase("consistency_token");
        if (node == 0) first = body;
        EXPECT_EQ(body, first) << node;
      }
    }
    for (const auto* target : {"/entities", "/entities?q=finch", "/communities", "/relations",
                               "/documents", "/documents/d1", ""}) {
      std::string first;
      for (std::size_t node = 0; node < nodes; ++node) {
        if (std::string{target} == "/communities") { // made a while after the documents
          EXPECT_EQ(call(node, "GET", base(collection) + target).status, 200);
          continue;
        }
        const auto answer = call(node, "GET", base(collection) + target);
        ASSERT_EQ(answer.status, 200) << target << node << answer.body << answer.error;
        if (node == 0) first = answer.body;
        EXPECT_EQ(answer.body, first) << target << node;
      }
    }
  }
  EXPECT_GT(metric(gateway, "graphrag_peer_questions_total{result=\"answered\"}"), before);
}

TEST_F(ClusterQuestions, MistakesAreToldAsOnOneNode) {
  for (std::size_t node = 0; node < nodes; ++node) {
    const auto nowhere = ask(node, "nowhere", {{"query", "x"}});
    EXPECT_EQ(nowhere.status, 404) << node << nowhere.body;
    EXPECT_EQ(nowhere.headers.at("content-type"), "application/problem+json");
    const auto bad = ask(node, "c0", {{"query", "x"}, {"limit", 0}});
    EXPECT_EQ(bad.status, 422) << node;
    EXPECT_EQ(bad.json()["errors"][0]["pointer"], "/limit");
    EXPECT_EQ(call(node, "GET", base("c0") + "/entities/nobody-at-all").status, 404) << node;
    EXPECT_EQ(call(node, "GET", base("c0") + "/entities?unknown=1").status, 400) << node;
  }
}

TEST_F(ClusterQuestions, WhatWasWrittenIsFoundAtOnceWhereItWasWritten) {
  for (int i = 0; i < 30; ++i) {
    const auto node = static_cast<std::size_t>(i) % nodes;
    const auto collection = name_of_collection(i % collections);
    const auto word = "quill" + std::to_string(i);
    ASSERT_EQ(call(node, "PUT", base(collection) + "/documents/" + word,
                   json{{"text", "The drawer holds the " + word + "."}}.dump())
                  .status,
              200);
    EXPECT_THAT(found(ask(node, collection, {{"query", word}})), ::testing::Contains(word)) << node;
  }
}

TEST_F(ClusterQuestions, WhatWasWrittenElsewhereIsFoundWithItsToken) {
  for (int i = 0; i < 20; ++i) {
    const auto writer = static_cast<std::size_t>(i) % nodes, asker = (writer + 1) % nodes;
    const auto word = "token" + std::to_string(i);
    const auto written = call(writer, "PUT", base("c3") + "/documents/" + word,
                              json{{"text", "The shelf holds the " + word + "."}}.dump());
    ASSERT_EQ(written.status, 200);
    const auto token = written.json()["consistency_token"];
    EXPECT_THAT(found(ask(asker, "c3", {{"query", word}, {"after", token}})),
                ::testing::Contains(word));
  }
}

TEST_F(ClusterQuestions, WhatIsDeletedIsShownNowhereAfterTheAnswer) {
  for (std::size_t node = 0; node < nodes; ++node) {
    const auto word = "gone" + std::to_string(node);
    ASSERT_EQ(call(node, "PUT", base("c1") + "/documents/" + word,
                   json{{"text", "The attic holds the " + word + "."}}.dump())
                  .status,
              200);
    ASSERT_EQ(call(node, "DELETE", base("c1") + "/documents/" + word).status, 204);
    for (std::size_t other = 0; other < nodes; ++other)
      EXPECT_THAT(found(ask(other, "c1", {{"query", word}})),
                  ::testing::Not(::testing::Contains(word)))
          << node << other;
  }
  ASSERT_EQ(call(gateway, "PUT", base("brief")).status, 201);
  ASSERT_EQ(call(worker, "PUT", base("brief") + "/documents/a", R"({"text":"brief"})").status, 200);
  ASSERT_EQ(call(gateway, "DELETE", base("brief")).status, 204);
  for (std::size_t node = 0; node < nodes; ++node)
    EXPECT_EQ(ask(node, "brief", {{"query", "brief"}}).status, 404) << node;
}

TEST_F(ClusterQuestions, AStreamComesFromANodeThatHoldsNothing) {
  for (const auto node : {gateway, worker, std::size_t{2}}) {
    const auto answer =
        ask(node, "c2", {{"query", "Who keeps the ledger number 3?"}, {"stream", true}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.headers.at("content-type"), "text/event-stream");
    std::istringstream lines{answer.body};
    std::vector<std::string> events;
    json results, done;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("event: ")) events.push_back(line.substr(7));
      if (!line.starts_with("data: ")) continue;
      if (events.back() == "results") results = json::parse(line.substr(6));
      if (events.back() == "done") done = json::parse(line.substr(6));
    }
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.front(), "results");
    EXPECT_EQ(events.back(), "done");
    EXPECT_FALSE(results["results"].empty());
    EXPECT_FALSE(done["answer"]["citations"].empty());
    EXPECT_TRUE(done.contains("consistency_token"));
  }
}

TEST_F(ClusterQuestions, EntitiesAreJoinedThroughAnyNode) {
  ASSERT_EQ(
      call(gateway, "PUT", base("c4") + "/documents/names",
           R"({"text":"Bob Marsh rows. Robert Marsh sings. Bob Marsh and Robert Marsh swim."})")
          .status,
      200);
  const auto entity = [](std::size_t node, const std::string& name) {
    const auto list = call(node, "GET", base("c4") + "/entities?q=" + name).json();
    return list["items"].empty() ? std::string{} : list["items"][0]["id"].get<std::string>();
  };
  const auto bob = entity(gateway, "bob%20marsh"), robert = entity(gateway, "robert%20marsh");
  ASSERT_FALSE(bob.empty());
  ASSERT_FALSE(robert.empty());
  ASSERT_NE(bob, robert);
  const auto merged = call(gateway, "POST", base("c4") + "/entities/" + bob + "/merge",
                           json{{"with", {robert}}}.dump());
  ASSERT_EQ(merged.status, 200) << merged.body;
  for (std::size_t node = 0; node < nodes; ++node)
    EXPECT_TRUE(eventually([&] {
      return entity(node, "bob%20marsh") == entity(node, "robert%20marsh");
    })) << node;
}

TEST_F(ClusterQuestions, AJobThatAGatewayTakesIsDone) {
  std::string lines;
  for (int i = 0; i < 20; ++i)
    lines +=
        json{{"id", "job" + std::to_string(i)}, {"text", "lantern" + std::to_string(i)}}.dump() +
        "\n";
  const auto taken = HttpClient{cluster_->node(gateway).port()}.request(
      "POST", base("c5") + "/documents/_bulk?mode=async", lines,
      {{"Content-Type", "application/x-ndjson"}});
  ASSERT_EQ(taken.status, 202) << taken.body;
  const auto id = taken.json()["id"].get<std::string>();
  ASSERT_TRUE(eventually([&] {
    return call(gateway, "GET", base("c5") + "/jobs/" + id).json().value("state", "") == "done";
  }));
  // A worker wrote it: the node that is asked follows a moment later.
  EXPECT_TRUE(eventually([&] {
    const auto ids = found(ask(gateway, "c5", {{"query", "lantern7"}}));
    return std::ranges::find(ids, "job7") != ids.end();
  }));
}

} // namespace
} // namespace graphrag::test
