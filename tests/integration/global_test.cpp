// Global questions on a real server: answered from communities that follow the documents some time
// later, while what is dead is never cited.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

const std::vector<std::pair<std::string, std::string>> documents{
    {"dam1", "Grand Coulee Dam was built on the Columbia River by Frank Crowe in Washington."},
    {"dam2", "Frank Crowe was the engineer of Grand Coulee Dam and of Shasta Dam in California."},
    {"dam3", "Shasta Dam and Grand Coulee Dam hold water of the Columbia River for Washington."},
    {"dam4", "The Columbia River flows through Washington past Grand Coulee Dam to the ocean."},
    {"roy1", "Queen Teutberga was married to King Lothair, who was crowned in Lotharingia."},
    {"roy2", "King Lothair was the second son of Emperor Otto and of Ermengarde of Tours."},
    {"roy3", "Queen Teutberga fled from Lotharingia to Emperor Otto when King Lothair was away."},
    {"roy4", "Emperor Otto gave Lotharingia to King Lothair and Queen Teutberga in the spring."}};

class GlobalAnswers : public testing::Test {
protected:
  void SetUp() override {
    server_ = std::make_unique<ServerProcess>(
        folder_.path() / "data", std::vector<std::string>{"--set", "admin.allow_kill=true"});
    http_ = std::make_unique<HttpClient>(server_->port());
    admin_ = std::make_unique<HttpClient>(server_->admin_port());
  }

  void put_all(const std::string& prefix) {
    for (const auto& [id, text] : documents)
      if (id.starts_with(prefix)) {
        ASSERT_LT(http_->put("/api/v1/documents/" + id, {{"text", text}}).status, 300);
      }
  }
  json ask() {
    const auto answer =
        http_->post("/api/v1/query", {{"query", "What are the main themes?"}, {"mode", "global"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }
  static std::set<std::string> themes(const json& answer) {
    std::set<std::string> found;
    for (const auto& citation : answer["answer"]["citations"])
      found.insert(citation["document_id"].get<std::string>().substr(0, 3));
    return found;
  }
  // Until a complete answer cites exactly these.
  bool eventually(const std::set<std::string>& expected) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (;;) {
      const auto answer = ask();
      if (answer["partial"] == false && themes(answer) == expected) return true;
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  TempDir folder_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<HttpClient> http_, admin_;
};

TEST_F(GlobalAnswers, FollowTheDocumentsAndNeverCiteTheDead) {
  put_all("dam");
  put_all("roy");
  ASSERT_TRUE(eventually({"dam", "roy"}));
  EXPECT_EQ(ask()["communities"].size(), 2U);
  for (const auto& [id, text] : documents)
    if (id.starts_with("roy")) {
      ASSERT_LT(http_->request("DELETE", "/api/v1/documents/" + id).status, 300);
    }
  EXPECT_FALSE(themes(ask()).contains("roy")) << "from the very next answer on";
  ASSERT_TRUE(eventually({"dam"}));
  EXPECT_EQ(ask()["communities"].size(), 1U);
}

TEST_F(GlobalAnswers, HealWhenTheirActorIsKilled) {
  put_all("dam");
  ASSERT_TRUE(eventually({"dam"}));
  const auto tree = admin_->get("/api/v1/admin/supervision").json();
  std::string path;
  const auto flat = tree.flatten();
  for (const auto& value : flat)
    if (value.is_string() && value.get<std::string>().ends_with("/communities")) path = value;
  ASSERT_EQ(admin_->request("POST", "/api/v1/admin/kill?path=" + path).status, 202) << tree.dump();
  EXPECT_EQ(themes(ask()), std::set<std::string>{"dam"}) << "what is published stays";
  put_all("roy");
  EXPECT_TRUE(eventually({"dam", "roy"}));
}

TEST_F(GlobalAnswers, CommunitiesAreListed) {
  EXPECT_EQ(http_->get("/api/v1/communities?level=9").status, 400);
  put_all("dam");
  put_all("roy");
  ASSERT_TRUE(eventually({"dam", "roy"}));
  const auto first = http_->get("/api/v1/communities?limit=1").json();
  ASSERT_EQ(first["items"].size(), 1U) << first.dump();
  EXPECT_EQ(first["current"], true);
  ASSERT_TRUE(first["next_cursor"].is_string());
  const auto rest =
      http_->get("/api/v1/communities?cursor=" + first["next_cursor"].get<std::string>()).json();
  ASSERT_EQ(rest["items"].size(), 1U) << rest.dump();
  EXPECT_TRUE(rest["next_cursor"].is_null());
  const auto level = std::to_string(first["items"][0]["level"].get<int>());
  EXPECT_EQ(http_->get("/api/v1/communities?level=" + level).json()["items"].size(), 2U);
  const auto id = first["items"][0]["id"].get<std::string>();
  const auto one = http_->get("/api/v1/collections/default/communities/" + id).json();
  EXPECT_EQ(one["title"], first["items"][0]["title"]);
  EXPECT_GE(one["entities"].size(), 3U) << one.dump();
  ASSERT_FALSE(one["citations"].empty());
  EXPECT_EQ(http_->get("/api/v1/communities/0").status, 404);
  EXPECT_EQ(http_->get("/api/v1/communities/x").status, 404);
  EXPECT_EQ(http_->get("/api/v1/collections/none/communities").status, 404);
}

} // namespace
} // namespace graphrag::test
