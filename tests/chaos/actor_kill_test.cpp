// An actor of every kind is crashed under load: only requests in flight may fail, every request
// ends, each restart is logged and counted, nothing acknowledged is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <sstream>
#include <thread>

#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

void leaves(const json& node, std::vector<json>& out) {
  if (!node.contains("children") || node["children"].empty()) {
    out.push_back(node);
    return;
  }
  for (const auto& child : node["children"]) leaves(child, out);
}

std::vector<json> actors(HttpClient& admin) {
  std::vector<json> out;
  leaves(admin.get("/api/v1/admin/supervision").json(), out);
  return out;
}

json actor_at(HttpClient& admin, const std::string& path) {
  for (const auto& actor : actors(admin))
    if (actor.value("path", "") == path) return actor;
  return json::object();
}

struct Load {
  explicit Load(unsigned short port) {
    for (int i = 0; i < 4; ++i) threads.emplace_back([this, port, i] { write(port, i); });
    for (int i = 0; i < 3; ++i) threads.emplace_back([this, port] { ask(port); });
  }
  ~Load() { finish(); }
  void write(unsigned short port, int client) {
    HttpClient http{port};
    for (int number = 0; !stop; ++number) {
      auto id = "c" + std::to_string(client) + "-" + std::to_string(number);
      auto mark = "mark" + std::to_string(client) + "y" + std::to_string(number);
      auto text = "Keeper of record " + mark + " in the harbour.";
      HttpAnswer answer;
      if (client == 0) {
        std::string type,
            body =
                multipart_file("page.html", "<html><body><p>" + text + "</p></body></html>", type);
        answer = http.request("PUT", "/api/v1/documents/" + id, body, {{"Content-Type", type}});
      } else {
        answer = http.put("/api/v1/documents/" + id, {{"text", text}});
      }
      count(answer);
      if (answer.status != 200) continue;
      std::lock_guard lock{mutex};
      acknowledged.emplace_back(id, mark);
    }
  }
  void ask(unsigned short port) {
    HttpClient http{port};
    while (!stop) count(http.post("/api/v1/query", {{"query", "keeper of the harbour record"}}));
  }
  void count(const HttpAnswer& answer) {
    ++requests;
    if (answer.status == 200 || answer.status == 202) return;
    ++failures;
    std::lock_guard lock{mutex};
    if (answer.status == 0) unanswered.push_back(answer.error);
    ++statuses[answer.status];
  }
  void finish() {
    stop = true;
    threads.clear();
  }
  std::atomic<bool> stop{false};
  std::atomic<int> requests{0}, failures{0};
  std::vector<std::string> unanswered;
  std::mutex mutex;
  std::map<int, int> statuses;
  std::vector<std::pair<std::string, std::string>> acknowledged;
  std::vector<std::jthread> threads;
};

// Waits for a condition on the server, at most 20 s.
template <class Condition>
bool eventually(Condition condition) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::yield();
  }
  return false;
}

double metric(HttpClient& admin, const std::string& start) {
  std::istringstream lines{admin.get("/metrics").body};
  double sum = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(start)) sum += std::stod(line.substr(line.rfind(' ')));
  return sum;
}

TEST(ActorKill, EveryKindCanCrashUnderLoad) {
  TempDir folder;
  // Numbers that depend on no machine: no branch has more than four actors, and a supervisor gives
  // up at the sixth restart within 30 s.
  std::vector<std::string> arguments;
  for (const auto* setting : {"admin.allow_kill=true", "node.shards=2", "node.io_actors=2",
                              "node.actor_threads=2", "encoder.threads=2"})
    arguments.insert(arguments.end(), {"--set", setting});
  ServerProcess server{folder.path() / "data", arguments};
  HttpClient admin{server.admin_port()};
  Load load{server.port()};
  ASSERT_TRUE(eventually([&] { return load.requests > 200; }));

  auto all = actors(admin);
  ASSERT_GE(all.size(), 7U);
  int killed = 0;
  for (const auto& actor : all) {
    auto path = actor["path"].get<std::string>();
    auto before = actor_at(admin, path).value("restarts", 0);
    ASSERT_EQ(admin.request("POST", "/api/v1/admin/kill?path=" + path).status, 202) << path;
    EXPECT_TRUE(eventually([&] {
      auto now = actor_at(admin, path);
      return now.value("restarts", 0) > before && now.value("state", "") == "running";
    })) << path
        << " did not come back: " << actor_at(admin, path).dump();
    ++killed;
    auto reached = load.requests.load() + 50; // the node still answers
    EXPECT_TRUE(eventually([&] { return load.requests > reached; })) << path;
  }
  // Temporary actors: killed, reported, never restarted.
  for (std::string kind : {"document", "query"}) {
    auto crashes = [&] {
      return metric(admin, "graphrag_actor_failures_total{kind=\"" + kind + "\"");
    };
    auto before = crashes();
    EXPECT_TRUE(eventually([&] {
      admin.request("POST", "/api/v1/admin/kill?path=/" + kind);
      return crashes() > before;
    })) << kind;
  }
  load.finish();
  std::string seen;
  for (auto& [status, times] : load.statuses)
    seen += std::to_string(status) + ":" + std::to_string(times) + " ";
  EXPECT_THAT(load.unanswered, testing::IsEmpty());
  EXPECT_LT(load.failures, load.requests / 2) << seen;
  for (auto& [status, times] : load.statuses) EXPECT_TRUE(status == 503 || status == 429) << seen;

  EXPECT_GE(metric(admin, "graphrag_actor_restarts_total"), killed);
  auto log = server.log();
  for (const auto& actor : all)
    EXPECT_NE(log.find(actor["path"].get<std::string>()), std::string::npos)
        << "no restart line for " << actor["path"];

  HttpClient http{server.port()};
  EXPECT_GT(load.acknowledged.size(), 10U);
  for (const auto& [id, mark] : load.acknowledged) {
    auto found = http.post("/api/v1/query",
                           {{"query", mark}, {"mode", "keyword"}, {"limit", 1}, {"answer", false}})
                     .json();
    ASSERT_FALSE(found["results"].empty()) << id;
    EXPECT_EQ(found["results"][0]["document_id"], id);
  }
  std::printf("%d requests, %d failed (%s), %d restarts\n", load.requests.load(),
              load.failures.load(), seen.c_str(), killed);
}

} // namespace
} // namespace graphrag::test
