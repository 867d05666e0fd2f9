// Summaries of communities that a model writes: shown while the sentences that they stand for are
// alive, never waited for.
#include <set>

#include "tests/integration/model_fixture.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

class Summaries : public WithModel {
protected:
  void begin(std::vector<std::string> settings = {}) {
    settings.emplace_back("summaries.least_names=3");
    start("summaries", settings);
  }
  void put_dams() {
    put("dam1", "Grand Coulee Dam was built on the Columbia River by Frank Crowe in Washington.");
    put("dam2",
        "Frank Crowe was the engineer of Grand Coulee Dam and of Shasta Dam in California.");
    put("dam3", "Shasta Dam and Grand Coulee Dam hold water of the Columbia River for Washington.");
    put("dam4", "The Columbia River flows through Washington past Grand Coulee Dam to the ocean.");
  }
  json first() {
    const auto all = http_->get("/api/v1/communities").json();
    return all["current"] == true && !all["items"].empty() ? all["items"][0] : json(nullptr);
  }
  bool becomes(const std::string& text) {
    return eventually([&] {
      const auto one = first();
      return !one.is_null() && one["summary"] == text && one["generated"] == true;
    });
  }
  // Its citations' sentences, as the summary is without a model.
  static std::string extract(const json& community) {
    std::string out;
    for (const auto& citation : community["citations"])
      out += (out.empty() ? "" : " ") + citation["text"].get<std::string>();
    return out;
  }
};

Mood::Reply says(const std::string& text) { return replies(200, chat_body(text, 100, 20)); }

TEST_F(Summaries, AreWrittenAndFollowTheirCommunity) {
  mood_ = says("Dams of the Columbia River.");
  begin();
  put_dams();
  ASSERT_TRUE(becomes("Dams of the Columbia River."));
  EXPECT_FALSE(first()["citations"].empty()) << "what it was written from";
  const auto asked = ask("What are the main themes?", {{"mode", "global"}});
  ASSERT_FALSE(asked["communities"].empty()) << asked.dump();
  EXPECT_EQ(asked["communities"][0]["summary"], "Dams of the Columbia River.");
  EXPECT_EQ(asked["communities"][0]["generated"], true);
  EXPECT_EQ(asked["answer"]["text"].get<std::string>().find("Dams of the"), std::string::npos)
      << "answers are sentences of the documents";
  EXPECT_NE(endpoint_->requests().at(0).body.find("Grand Coulee Dam"), std::string::npos);

  mood_ = says("Dams, and one bridge.");
  ASSERT_EQ(http_->request("DELETE", "/api/v1/documents/dam2").status, 204);
  const auto all = http_->get("/api/v1/communities").json()["items"];
  ASSERT_FALSE(all.empty());
  std::set<std::string> cited;
  for (const auto& citation : all[0]["citations"]) cited.insert(citation["document_id"]);
  EXPECT_FALSE(cited.contains("dam2")) << "from the very next answer on";
  put("dam5", "Grand Coulee Dam and Shasta Dam are the works of Frank Crowe in Washington State.");
  EXPECT_TRUE(becomes("Dams, and one bridge."));
  EXPECT_NE(metrics().find("graphrag_community_summaries_written_total"), std::string::npos);
}

TEST_F(Summaries, ABrokenModelLeavesSentences) {
  for (const auto& mood : {replies(200, "garbage"), says(""), replies(400, "{}")}) {
    mood_ = mood;
    const auto seen = endpoint_ ? endpoint_->requests().size() : 0;
    begin();
    put_dams();
    ASSERT_TRUE(
        eventually([&] { return endpoint_->requests().size() > seen && !first().is_null(); }));
    const auto one = first();
    EXPECT_EQ(one["generated"], false);
    EXPECT_EQ(one["summary"], extract(one));
  }
  put("more", "Nothing waits for summaries.");
  EXPECT_EQ(ids(ask("summaries"))[0], "more");
}

TEST_F(Summaries, ADeadModelIsAskedAgainWhenItIsBack) {
  mood_ = replies(503, "{}");
  begin();
  put_dams();
  ASSERT_TRUE(eventually([&] { return endpoint_->requests().size() >= 3 && !first().is_null(); }));
  EXPECT_EQ(first()["generated"], false);
  mood_ = says("Dams.");
  EXPECT_TRUE(becomes("Dams."));
}

TEST_F(Summaries, ASpentBudgetLeavesSentences) {
  mood_ = says("Dams.");
  begin({"summaries.tokens_per_day=10"});
  put_dams();
  ASSERT_TRUE(eventually([&] {
    return !first().is_null() && metrics().find("outcome=\"budget_spent\"") != std::string::npos;
  }));
  EXPECT_EQ(first()["generated"], false);
  EXPECT_TRUE(endpoint_->requests().empty());
}

TEST_F(Summaries, ASlowModelHoldsUpNothing) {
  mood_ = hangs();
  begin({"summaries.timeout=30s"});
  put_dams();
  ASSERT_TRUE(eventually([&] { return !first().is_null(); }));
  put("dam9", "Hoover Dam was built by Frank Crowe on the Colorado River near Washington.");
  ASSERT_TRUE(eventually([&] { return !first().is_null(); })) << "communities follow all the same";
  EXPECT_EQ(first()["generated"], false);
}

} // namespace
} // namespace graphrag::test
