// Vectors that an endpoint makes: they come after their documents, whatever the endpoint does.
#include <csignal>
#include <fstream>
#include <set>

#include "tests/integration/model_fixture.hpp"
#include "tests/support/tiny_model.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

// Texts are near to each other by the animal in them.
json vector_of(const std::string& text) {
  json out = {0.01, 0.01, 0.01};
  if (text.find("cat") != text.npos || text.find("feline") != text.npos) out[0] = 3.0;
  if (text.find("dog") != text.npos || text.find("canine") != text.npos) out[1] = 3.0;
  return out;
}

void animals(const StubRequest& request, StubConnection& connection) {
  const auto asked = json::parse(request.body);
  json data = json::array();
  for (const auto& text : asked["input"])
    data.push_back({{"index", data.size()}, {"embedding", vector_of(text)}});
  connection.reply(200, json{{"data", data}, {"usage", {{"total_tokens", 10}}}}.dump());
}

class EmbeddingEndpoint : public WithModel {
protected:
  void begin(std::vector<std::string> settings = {}) {
    settings.emplace_back("embedding.dimension=3");
    start("embedding", settings);
  }
  std::string enrichment(const std::string& id, const std::string& in = "default") {
    return http_->get("/api/v1/collections/" + in + "/documents/" + id)
        .json()["enrichment"]["vectors"];
  }
  bool present(const std::string& id, const std::string& in = "default") {
    return eventually([&] { return enrichment(id, in) == "present"; });
  }
  json models() { return admin_->get("/api/v1/admin/models").json()["items"]; }
  json by_meaning(const std::string& question) { return ask(question, {{"mode", "vector"}}); }
};

TEST_F(EmbeddingEndpoint, DocumentsAndQuestionsGetItsVectors) {
  mood_ = animals;
  // A call that is given up is made again, and calls are counted here.
  const std::vector<std::string> patient{"embedding.question_timeout=20s", "query.deadline=40s"};
  begin(patient);
  put("cats", "All about the cat.");
  put("dogs", "All about the dog.");
  ASSERT_TRUE(present("cats") && present("dogs"));
  const auto found = by_meaning("canine");
  ASSERT_EQ(ids(found), (std::vector<std::string>{"dogs", "cats"})) << found.dump();
  EXPECT_NEAR(found["results"][0]["score"].get<double>(), 1.0, 0.01);
  EXPECT_EQ(ids(ask("feline"))[0], "cats") << "hybrid too";
  const auto known = models();
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0]["name"], "m");
  EXPECT_EQ(known[0]["source"], "endpoint");
  EXPECT_EQ(known[0]["dimension"], 3);
  EXPECT_EQ(known[0]["state"], "active");
  EXPECT_EQ(known[0]["loaded"], true);
  EXPECT_EQ(endpoint_->requests().at(0).target, "/v1/embeddings");

  // Nothing is made again after a restart, and the question needs the endpoint only once.
  const auto calls = endpoint_->requests().size();
  server_->kill_hard();
  begin(patient);
  ASSERT_TRUE(eventually([&] { return ids(by_meaning("canine")) == ids(found); }));
  (void)by_meaning("canine");
  EXPECT_EQ(endpoint_->requests().size(), calls + 1);
}

TEST_F(EmbeddingEndpoint, PrefixesGoBeforeEveryTextAndMakeAnotherModel) {
  mood_ = animals;
  begin();
  put("cats", "All about the cat.");
  ASSERT_TRUE(present("cats"));
  const auto plain = models()[0]["hash"];
  server_->kill_hard();
  begin({"embedding.query_prefix=query: ", "embedding.passage_prefix=passage: "});
  ASSERT_TRUE(eventually([&] {
    const auto known = models();
    return known.size() == 1 && known[0]["hash"] != plain && known[0]["state"] == "active";
  }));
  ASSERT_TRUE(present("cats")) << "made anew: vectors of the two never mix";
  EXPECT_EQ(ids(by_meaning("feline")), std::vector<std::string>{"cats"});
  std::set<std::string> sent;
  for (const auto& request : endpoint_->requests()) {
    const auto body = json::parse(request.body);
    for (const auto& text : body["input"]) sent.insert(text);
  }
  EXPECT_TRUE(sent.contains("passage: All about the cat.")) << json(sent).dump();
  EXPECT_TRUE(sent.contains("query: feline")) << json(sent).dump();
}

TEST_F(EmbeddingEndpoint, WithoutItDocumentsAreSearchableAndNothingIsLost) {
  mood_ = replies(500, "{}");
  begin();
  put("cats", "All about the cat.");
  put("dogs", "All about the dog.");
  EXPECT_EQ(enrichment("cats"), "pending");
  const auto answer = ask("cat");
  EXPECT_EQ(ids(answer), std::vector<std::string>{"cats"});
  EXPECT_TRUE(lacks(answer, "vector")) << answer.dump();
  const auto by_words = by_meaning("cat");
  EXPECT_EQ(ids(by_words), std::vector<std::string>{"cats"}) << "its words remain";
  EXPECT_TRUE(lacks(by_words, "vector"));
  for (const auto& mood :
       {replies(200, "garbage"), replies(200, embedding_body(7)), replies(200, embedding_body(1)),
        replies(200, R"({"data": [{"index": 0, "embedding": [NaN, 1, 1]}]})"),
        replies(200, R"({"data": [{"index": 0, "embedding": [1e300, 1, 1]}]})")}) {
    mood_ = mood;
    const auto broken = ask("cat");
    EXPECT_EQ(ids(broken), std::vector<std::string>{"cats"});
    EXPECT_TRUE(lacks(broken, "vector")) << broken.dump();
    EXPECT_EQ(enrichment("cats"), "pending");
  }
  mood_ = animals;
  // The breaker closes and the backlog goes on by itself.
  ASSERT_TRUE(present("cats") && present("dogs"));
  ASSERT_TRUE(eventually([&] { return !lacks(ask("canine"), "vector"); }));
  EXPECT_EQ(ids(ask("canine"))[0], "dogs");
}

TEST_F(EmbeddingEndpoint, ASlowOneDelaysNobodyButItsOwnVectors) {
  mood_ = hangs();
  begin({"embedding.question_timeout=300ms", "embedding.max_calls=1"});
  put("cats", "All about the cat.");
  for (int i = 0; i < 20; ++i) {
    put("d" + std::to_string(i), "Number " + std::to_string(i) + " of the documents.");
    const auto answer = ask("document number " + std::to_string(i), {{"timeout_ms", 20'000}});
    EXPECT_TRUE(lacks(answer, "vector")) << answer.dump();
    EXPECT_FALSE(ids(answer).empty());
  }
  const auto tried = endpoint_->requests().size();
  EXPECT_LT(tried, 12U) << "after five failures it is left alone for a while";
}

TEST_F(EmbeddingEndpoint, ACallThatHangsDoesNotHoldUpTheStop) {
  mood_ = hangs();
  begin({"embedding.timeout=10m"});
  put("cats", "All about the cat.");
  ASSERT_TRUE(eventually([&] { return !endpoint_->requests().empty(); }));
  server_->signal(SIGTERM);
  EXPECT_EQ(server_->wait_for_exit(std::chrono::seconds(60)), 0);
}

TEST_F(EmbeddingEndpoint, ADocumentThatItRefusesIsSetAside) {
  mood_ = [](const StubRequest& request, StubConnection& connection) {
    if (request.body.find("poison") != std::string::npos) return connection.reply(413, "{}");
    animals(request, connection);
  };
  begin();
  for (const auto* id : {"a", "b", "c"}) put(id, std::string{"All about the cat. "} + id);
  put("bad", "All about poison.");
  for (const auto* id : {"d", "e"}) put(id, std::string{"All about the dog. "} + id);
  for (const auto* id : {"a", "b", "c", "d", "e"}) EXPECT_TRUE(present(id)) << id;
  EXPECT_EQ(enrichment("bad"), "pending");
  EXPECT_EQ(ids(ask("poison"))[0], "bad") << "found by its words";
}

TEST_F(EmbeddingEndpoint, ACollectionThatHasSpentItsBudgetDoesNotStopOthers) {
  mood_ = animals;
  begin({"embedding.tokens_per_day=60"});
  for (const auto* name : {"poor", "rich"})
    ASSERT_EQ(http_->put(std::string{"/api/v1/collections/"} + name, json::object()).status / 100,
              2);
  std::string text;
  for (int i = 0; i < 60; ++i) text += "The cat sat on a mat, number " + std::to_string(i) + ". ";
  put("long", text, "poor");
  put("short", "A dog.", "rich");
  EXPECT_TRUE(present("short", "rich"));
  EXPECT_EQ(enrichment("long", "poor"), "pending");
  EXPECT_NE(metrics().find("outcome=\"budget_spent\""), std::string::npos);
}

TEST_F(EmbeddingEndpoint, TakesThePlaceOfAnEncoderAndGivesItBack) {
  const auto model = folder_.path() / "tiny";
  for (const auto& [file, bytes] : tiny_model()) {
    std::filesystem::create_directories((model / file).parent_path());
    std::ofstream{model / file, std::ios::binary} << bytes;
  }
  const auto admin_url = [&] {
    return "http://127.0.0.1:" + std::to_string(server_->admin_port());
  };
  const auto add = [&] {
    return run_graphrag({"model", "add", model.string(), "--admin-url", admin_url()});
  };
  start_plain();
  put("cats", "All about the cat.");
  ASSERT_EQ(add(), 0);
  ASSERT_TRUE(present("cats"));
  const auto blobs = folder_.path() / "data" / "blobs";
  const auto files = [&] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{blobs})
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  };
  EXPECT_EQ(files(), 1U) << "the text of a document is no blob, a model is";
  mood_ = animals;
  begin();
  ASSERT_TRUE(eventually([&] {
    const auto known = models();
    return known.size() == 1 && known[0]["source"] == "endpoint" && known[0]["state"] == "active";
  }));
  EXPECT_TRUE(eventually([&] { return files() == 0; })) << "the files of the old one go at once";
  ASSERT_TRUE(present("cats"));
  EXPECT_NE(add(), 0) << "the configuration decides";
  EXPECT_EQ(admin_->request("DELETE", "/api/v1/admin/models/m").status, 409);
  std::string listed;
  EXPECT_EQ(run_graphrag({"model", "list", "--admin-url", admin_url()}, &listed), 0);
  EXPECT_NE(listed.find("by an endpoint"), std::string::npos) << listed;

  start_plain();
  ASSERT_EQ(models().size(), 1U);
  EXPECT_EQ(models()[0]["loaded"], false);
  EXPECT_EQ(ids(ask("cat")), std::vector<std::string>{"cats"});
  EXPECT_EQ(run_graphrag({"model", "remove", "m", "--admin-url", admin_url()}), 0);
  EXPECT_TRUE(models().empty());
  server_->signal(SIGTERM);
  EXPECT_EQ(server_->wait_for_exit(std::chrono::seconds(60)), 0);
  std::string report;
  EXPECT_EQ(run_graphrag({"fsck", "--data", (folder_.path() / "data").string(), "--json"}, &report),
            0)
      << report;
}

} // namespace
} // namespace graphrag::test
