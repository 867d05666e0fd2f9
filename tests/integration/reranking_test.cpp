// The best passages of a question in the order of a model, which may be slow, broken or lying.
#include "tests/integration/model_fixture.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

class Reranking : public WithModel {
protected:
  void begin(const std::vector<std::string>& settings = {}) {
    start("reranking", settings);
    put("one", "The zebra drinks water at the river. The zebra is a zebra.");
    put("two", "A zebra drinks.");
    put("three", "The lion saw the zebra near a rather long row of very tall trees.");
    plain_ = ids(ask("zebra drinks", {{"rerank", false}}));
    ASSERT_EQ(plain_.size(), 3U);
  }
  std::vector<std::string> backwards() const { return {plain_.rbegin(), plain_.rend()}; }
  std::vector<std::string> plain_;
};

// Later documents of the request are the better ones.
void turn_around(const StubRequest& request, StubConnection& connection) {
  const auto count = json::parse(request.body)["documents"].size();
  json results = json::array();
  for (std::size_t i = 0; i < count; ++i)
    results.push_back({{"index", i}, {"relevance_score", static_cast<double>(i)}});
  connection.reply(200, json{{"results", results}, {"usage", {{"total_tokens", 30}}}}.dump());
}

TEST_F(Reranking, OrdersTheBestPassagesAnew) {
  mood_ = turn_around;
  begin();
  const auto answer = ask("zebra drinks", {{"explain", true}});
  EXPECT_EQ(ids(answer), backwards());
  EXPECT_EQ(answer["partial"], false);
  EXPECT_EQ(answer["results"][0]["signals"]["rerank"], 2.0) << answer.dump();
  EXPECT_EQ(ids(ask("zebra drinks", {{"limit", 1}})), std::vector{backwards()[0]})
      << "it is shown more than are asked for";
  for (const auto* mode : {"keyword", "hybrid"})
    EXPECT_EQ(ids(ask("zebra drinks", {{"mode", mode}})), backwards());
  EXPECT_FALSE(answer["answer"]["citations"].empty());
  const auto asked = endpoint_->requests().at(0);
  EXPECT_EQ(asked.target, "/v1/rerank");
  EXPECT_EQ(asked.headers.at("authorization"), "Bearer sk-very-secret");
  EXPECT_EQ(json::parse(asked.body)["query"], "zebra drinks");
  const auto shown = metrics();
  EXPECT_NE(shown.find("graphrag_model_tokens_total{direction=\"input\",endpoint=\"reranking\""),
            std::string::npos);
  EXPECT_EQ(server_->log().find("sk-very-secret"), std::string::npos);
  EXPECT_EQ(admin_->get("/api/v1/admin/config").body.find("sk-very-secret"), std::string::npos);
}

TEST_F(Reranking, ABrokenOrLyingModelLeavesTheOrder) {
  mood_ = turn_around;
  begin();
  const auto extract = ask("zebra drinks", {{"rerank", false}})["answer"];
  for (const auto& mood :
       {replies(400, "{}"), replies(200, "garbage"), replies(200, R"({"results": []})"),
        replies(200, R"({"results": [{"index": 0, "relevance_score": 1},
                                     {"index": 0, "relevance_score": 2},
                                     {"index": 1, "relevance_score": 3}]})"),
        replies(200, R"({"results": [{"index": 0, "relevance_score": NaN},
                                     {"index": 1, "relevance_score": 2},
                                     {"index": 2, "relevance_score": 3}]})"),
        replies(200, R"({"results": [{"index": 0, "relevance_score": 1e999},
                                     {"index": 1, "relevance_score": 2},
                                     {"index": 2, "relevance_score": 3}]})")}) {
    mood_ = mood;
    const auto answer = ask("zebra drinks");
    EXPECT_EQ(ids(answer), plain_) << answer.dump();
    EXPECT_TRUE(lacks(answer, "reranking")) << answer.dump();
    EXPECT_EQ(answer["answer"], extract);
  }
  mood_ = turn_around;
  EXPECT_EQ(ids(ask("zebra drinks")), backwards()) << "what was partial is not kept as the answer";
}

TEST_F(Reranking, ASlowModelCostsNoMoreThanItsTime) {
  mood_ = hangs();
  begin({"reranking.timeout=30s", "reranking.max_calls=1"});
  // Several at once: each ends by its own deadline, though the only line is taken.
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([this] {
      HttpClient http{server_->port()};
      const auto answer =
          http.post("/api/v1/query", {{"query", "zebra drinks"}, {"timeout_ms", 1500}});
      EXPECT_EQ(answer.status, 200) << answer.body << answer.error;
      EXPECT_EQ(ids(answer.json()), plain_);
      EXPECT_TRUE(lacks(answer.json(), "reranking")) << answer.body;
      EXPECT_LT(answer.json()["took_ms"], 25'000) << "not the endpoint's 30 s";
    });
  for (int i = 0; i < 10; ++i) put("more" + std::to_string(i), "Nothing is held up.");
  for (auto& client : clients) client.join();
}

TEST_F(Reranking, AModelThatFailsIsLeftAloneAndAskedAgainLater) {
  mood_ = replies(500, "{}");
  begin();
  std::size_t before = 0;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(lacks(ask("zebra drinks"), "reranking"));
  before = endpoint_->requests().size();
  EXPECT_LT(before, 40U) << "20 questions with a retry each, if nobody had given up";
  EXPECT_TRUE(lacks(ask("zebra drinks"), "reranking"));
  EXPECT_EQ(endpoint_->requests().size(), before) << "not even tried";
  EXPECT_NE(metrics().find("graphrag_model_breaker_state{endpoint=\"reranking\"} 2"),
            std::string::npos);
  mood_ = turn_around;
  EXPECT_TRUE(eventually([&] { return ids(ask("zebra drinks")) == backwards(); }));
}

TEST_F(Reranking, ASpentBudgetLeavesTheOrder) {
  mood_ = turn_around;
  begin({"reranking.tokens_per_day=200"});
  int reranked = 0;
  for (int i = 0; i < 12; ++i)
    reranked += lacks(ask("zebra drinks " + std::to_string(i)), "reranking") ? 0 : 1;
  EXPECT_GE(reranked, 1);
  EXPECT_LT(reranked, 12) << "200 tokens at 30 each";
  EXPECT_EQ(ids(ask("zebra drinks")), plain_);
}

} // namespace
} // namespace graphrag::test
