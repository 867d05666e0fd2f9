// Names that a model finds besides the rules: believed only where the text has them, waited for no
// longer than it may take.
#include <csignal>

#include "tests/integration/model_fixture.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

// Lower-case names, which rules over capitals do not find.
const std::string text = "the zorblax engine was made by quintana works. it never ran.";

Mood::Reply finds(const json& names, const json& relations = json::array()) {
  return replies(200, chat_body(json{{"names", names}, {"relations", relations}}.dump(), 200, 50));
}
const json honest_names{{{"name", "zorblax engine"}, {"kind", "work"}},
                        {{"name", "quintana works"}, {"kind", "organisation"}}};
const json honest_relations{{{"from", "zorblax engine"},
                             {"to", "quintana works"},
                             {"predicate", "Made by"},
                             {"evidence", "was made by quintana works"}}};

class Extraction : public WithModel {
protected:
  std::size_t names_of(const std::string& id) {
    return http_->get("/api/v1/documents/" + id).json()["entity_count"];
  }
  std::string enrichment(const std::string& id) {
    return http_->get("/api/v1/documents/" + id).json()["enrichment"]["extraction"];
  }
  bool knows(const std::string& name) {
    const auto found = http_->get("/api/v1/entities?q=" + name).json()["items"];
    return std::any_of(found.begin(), found.end(), [&](const auto& one) {
      return one["name"].template get<std::string>().find(name) != std::string::npos;
    });
  }
};

TEST_F(Extraction, AddsWhatTheRulesDoNotFind) {
  mood_ = finds(honest_names, honest_relations);
  start("extraction");
  put("engine", text);
  EXPECT_EQ(names_of("engine"), 2U);
  EXPECT_EQ(enrichment("engine"), "present");
  EXPECT_TRUE(knows("zorblax"));
  EXPECT_NE(endpoint_->requests().at(0).body.find("zorblax engine was made"), std::string::npos);
  const auto calls = endpoint_->requests().size();
  put("engine", text);
  EXPECT_EQ(endpoint_->requests().size(), calls) << "the same again costs nothing";
  EXPECT_EQ(http_->get("/api/v1/documents/engine").json()["version"], 1);
  EXPECT_EQ(enrichment("engine"), "present");

  // They are facts of the store: the next start needs no model, and nothing looks damaged.
  server_->kill_hard();
  start_plain();
  EXPECT_EQ(names_of("engine"), 2U);
  EXPECT_EQ(enrichment("engine"), "present");
  put("alone", text);
  EXPECT_EQ(enrichment("alone"), "none");
  EXPECT_TRUE(eventually([&] { return knows("zorblax"); }));
  server_->signal(SIGTERM);
  EXPECT_EQ(server_->wait_for_exit(std::chrono::seconds(60)), 0);
  std::string report;
  EXPECT_EQ(
      run_graphrag({"fsck", "--data", (folder_.path() / "data").string(), "--compare", "--json"},
                   &report),
      0)
      << report;
}

TEST_F(Extraction, BelievesNothingThatTheTextDoesNotHave) {
  mood_ = finds({{{"name", "napoleon"}, {"kind", "person"}}});
  start("extraction");
  put("lie", text);
  EXPECT_EQ(names_of("lie"), 0U);
  EXPECT_FALSE(knows("napoleon"));
  mood_ = finds({{{"name", "blax eng"}, {"kind", "work"}}});
  put("part", text);
  EXPECT_EQ(names_of("part"), 0U) << "it stands there, but not as words";
  mood_ = finds(honest_names, {{{"from", "zorblax engine"},
                                {"to", "napoleon"},
                                {"predicate", "made by"},
                                {"evidence", "was made by"}}});
  put("relation", text);
  EXPECT_EQ(names_of("relation"), 0U) << "one lie, and nothing of the answer is used";
}

TEST_F(Extraction, ABrokenModelLeavesTheRules) {
  mood_ = replies(500, "{}");
  start("extraction", {"extraction.timeout=5s"});
  put("rules", "Frank Crowe lived in Washington.");
  const auto rules = names_of("rules");
  EXPECT_EQ(enrichment("rules"), "none");
  EXPECT_GE(rules, 2U);
  int number = 0;
  for (const auto& mood : {replies(200, "garbage"), replies(200, chat_body("no JSON")),
                           replies(400, "{}"), replies(200, chat_body("{\"names\": []}"))}) {
    mood_ = mood;
    const auto id = "again" + std::to_string(number++);
    put(id, "Frank Crowe lived in Washington.");
    EXPECT_EQ(names_of(id), rules);
    EXPECT_FALSE(ids(ask("Frank Crowe")).empty());
  }
  mood_ = finds(honest_names);
  EXPECT_TRUE(eventually([&] {
    put("healed" + std::to_string(number++), text);
    return names_of("healed" + std::to_string(number - 1)) == 2;
  })) << "it is asked again when it is back";
}

TEST_F(Extraction, ASlowModelIsNotWaitedForBeyondItsTime) {
  mood_ = hangs();
  start("extraction", {"extraction.timeout=700ms", "extraction.max_calls=1"});
  std::string long_text;
  for (int i = 0; i < 400; ++i)
    long_text += "Frank Crowe built dam number " + std::to_string(i) + " for Washington. ";
  std::vector<std::thread> clients;
  for (int i = 0; i < 6; ++i)
    clients.emplace_back([&, i] {
      HttpClient http{server_->port()};
      const auto id = "/api/v1/documents/d" + std::to_string(i);
      EXPECT_LT(http.put(id, {{"text", long_text}}).status, 300);
      EXPECT_EQ(http.get(id).json()["state"], "searchable");
    });
  for (auto& client : clients) client.join();
  EXPECT_EQ(ids(ask("Frank Crowe dam", {{"group_by", "document"}})).size(), 6U);
}

TEST_F(Extraction, IsPendingUntilTheDocumentIsSearchableAndOutlivesAPatch) {
  mood_ = hangs();
  start("extraction", {"extraction.timeout=10m"});
  const std::map<std::string, std::string> at_once{{"Content-Type", "application/json"},
                                                   {"Prefer", "respond-async"}};
  const auto path = "/api/v1/documents/engine";
  ASSERT_EQ(http_->request("PUT", path, json{{"text", text}}.dump(), at_once).status, 202);
  EXPECT_EQ(enrichment("engine"), "pending");
  ASSERT_TRUE(eventually([&] { return !endpoint_->requests().empty(); }));
  EXPECT_EQ(enrichment("engine"), "pending");

  server_->kill_hard();
  mood_ = finds(honest_names);
  start("extraction");
  ASSERT_TRUE(eventually([&] { return enrichment("engine") == "present"; }))
      << http_->get(path).body << server_->log();
  ASSERT_EQ(http_
                ->request("PATCH", path, R"({"title": "Engines"})",
                          {{"Content-Type", "application/json"}})
                .status,
            200);
  EXPECT_EQ(enrichment("engine"), "present");
  put("engine", "nothing to be found here.");
  EXPECT_EQ(names_of("engine"), 0U);
}

TEST_F(Extraction, ASpentBudgetLeavesTheRules) {
  mood_ = finds(honest_names);
  start("extraction", {"extraction.tokens_per_day=10"});
  put("engine", text);
  EXPECT_EQ(names_of("engine"), 0U);
  EXPECT_TRUE(endpoint_->requests().empty());
  EXPECT_NE(metrics().find("outcome=\"budget_spent\""), std::string::npos);
}

} // namespace
} // namespace graphrag::test
