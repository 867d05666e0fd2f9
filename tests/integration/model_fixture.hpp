#pragma once
// A real server with a scripted endpoint behind one section of its configuration.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/eventually.hpp"
#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/stub_model_server.hpp"

namespace graphrag::test {

// What the endpoint does now; a test changes it while the server runs.
class Mood {
public:
  using Reply = StubModelServer::Script;
  void operator=(Reply reply) {
    std::lock_guard lock{mutex_};
    reply_ = std::move(reply);
  }
  Reply now() const {
    std::lock_guard lock{mutex_};
    return reply_;
  }

private:
  mutable std::mutex mutex_;
  Reply reply_;
};

class WithModel : public testing::Test {
protected:
  // `section.url`, model and key are set; `settings` are "section.key=value".
  void start(const std::string& section, const std::vector<std::string>& settings = {}) {
    if (!endpoint_)
      endpoint_ = std::make_unique<StubModelServer>(
          [this](const StubRequest& request, StubConnection& connection) {
            mood_.now()(request, connection);
          });
    std::vector<std::string> all{section + ".url=" + endpoint_->url("/v1"), section + ".model=m",
                                 section + ".api_key=sk-very-secret"};
    all.insert(all.end(), settings.begin(), settings.end());
    start_plain(all);
  }
  // Without an endpoint, over the same data.
  void start_plain(const std::vector<std::string>& settings = {}) {
    std::vector<std::string> arguments;
    for (const auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    server_.reset(); // the folder is locked while it runs
    server_ = std::make_unique<ServerProcess>(folder_.path() / "data", arguments);
    http_ = std::make_unique<HttpClient>(server_->port());
    admin_ = std::make_unique<HttpClient>(server_->admin_port());
  }

  void put(const std::string& id, const std::string& text, const std::string& in = "default") {
    const auto answer =
        http_->put("/api/v1/collections/" + in + "/documents/" + id, {{"text", text}});
    ASSERT_LT(answer.status, 300) << answer.body;
    ASSERT_NE(answer.status, 0) << answer.error;
  }
  nlohmann::json ask(const std::string& question, nlohmann::json more = nlohmann::json::object()) {
    nlohmann::json body{{"query", question}};
    body.update(more);
    const auto answer = http_->post("/api/v1/query", body);
    EXPECT_EQ(answer.status, 200) << answer.body << answer.error;
    return answer.json();
  }
  static std::vector<std::string> ids(const nlohmann::json& answer) {
    std::vector<std::string> out;
    for (const auto& hit : answer["results"]) out.push_back(hit["document_id"]);
    return out;
  }
  static bool lacks(const nlohmann::json& answer, const std::string& part) {
    return answer.contains("missing") && answer["partial"] == true &&
           std::find(answer["missing"].begin(), answer["missing"].end(), part) !=
               answer["missing"].end();
  }
  template <class Condition>
  static bool eventually(Condition condition) {
    return test::eventually(condition, std::chrono::seconds(90));
  }
  std::string metrics() { return admin_->get("/metrics").body; }

  TempDir folder_;
  Mood mood_;
  std::unique_ptr<StubModelServer> endpoint_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<HttpClient> http_, admin_;
};

// Moods that no purpose can use.
inline Mood::Reply replies(int status, const std::string& body) {
  return [=](const StubRequest&, StubConnection& c) { c.reply(status, body); };
}
inline Mood::Reply hangs() {
  return [](const StubRequest&, StubConnection& c) { c.wait_until_left(); };
}

} // namespace graphrag::test
