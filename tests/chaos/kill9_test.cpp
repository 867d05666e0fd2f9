// kill -9 while eight clients ingest, again and again: every acknowledged document is there exactly
// once, with its text, found by a phrase of it; fsck is clean.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;
constexpr int clients = 8;
constexpr int rounds = 20;

struct Acknowledged {
  std::string id, text, phrase;
};

// A document whose phrase no other has.
Acknowledged make_document(int round, int client, int number) {
  auto mark =
      "zq" + std::to_string(round) + "x" + std::to_string(client) + "x" + std::to_string(number);
  return {"r" + std::to_string(round) + "-c" + std::to_string(client) + "-n" +
              std::to_string(number),
          "The lighthouse keeper noted entry " + mark +
              " in the ledger of the harbour. Ships passed at dawn.",
          "entry " + mark + " ledger"};
}

class Load {
public:
  Load(unsigned short port, int round) : port_(port), round_(round) {
    for (int i = 0; i < clients; ++i) threads_.emplace_back([this, i] { run(i); });
  }
  ~Load() { stop_ = true; }
  // Until enough was acknowledged and every client has an open request; false at the deadline.
  bool wait_until_all_open(std::size_t least, std::chrono::seconds deadline) {
    auto end = std::chrono::steady_clock::now() + deadline;
    while (std::chrono::steady_clock::now() < end) {
      bool all = true;
      for (auto& open : open_) all = all && open;
      {
        std::lock_guard lock{mutex_};
        if (all && acknowledged_.size() >= least) return true;
      }
      std::this_thread::yield();
    }
    return false;
  }
  std::vector<Acknowledged> stop() {
    stop_ = true;
    threads_.clear();
    return std::move(acknowledged_);
  }
  int lost_requests() const { return lost_; }

private:
  // Clients differ: single documents, several as NDJSON, and files.
  void run(int client) {
    HttpClient http{port_, std::chrono::seconds(20)};
    for (int number = 0; !stop_; ++number) {
      std::vector<Acknowledged> sent;
      HttpAnswer answer;
      if (client % 4 == 3) {
        std::string lines;
        for (int k = 0; k < 5; ++k) sent.push_back(make_document(round_, client, number * 5 + k));
        for (const auto& document : sent)
          lines += json{{"id", document.id}, {"text", document.text}}.dump() + "\n";
        open_[client] = true;
        answer = http.request("POST", "/api/v1/documents/_bulk", lines,
                              {{"Content-Type", "application/x-ndjson"}});
      } else {
        sent.push_back(make_document(round_, client, number));
        auto target = "/api/v1/documents/" + sent[0].id;
        std::string type, body = multipart_file("ledger.txt", sent[0].text, type);
        open_[client] = true;
        answer = client % 4 == 2 ? http.request("PUT", target, body, {{"Content-Type", type}})
                                 : http.put(target, {{"text", sent[0].text}});
      }
      open_[client] = false;
      if (answer.status == 0) {
        ++lost_;
        return; // the server is gone
      }
      note(answer, sent, client % 4 == 3);
    }
  }
  void note(const HttpAnswer& answer, const std::vector<Acknowledged>& sent, bool bulk) {
    std::lock_guard lock{mutex_};
    if (!bulk) {
      if (answer.status == 200) acknowledged_.push_back(sent[0]);
      return;
    }
    std::istringstream in{answer.body};
    for (std::string line; std::getline(in, line);) {
      auto parsed = json::parse(line, nullptr, false);
      if (!parsed.is_object() || parsed.value("status", 0) != 200) continue;
      for (const auto& document : sent)
        if (document.id == parsed.value("id", "")) acknowledged_.push_back(document);
    }
  }

  unsigned short port_;
  int round_;
  std::array<std::atomic<bool>, clients> open_{};
  std::atomic<bool> stop_{false};
  std::atomic<int> lost_{0};
  std::mutex mutex_;
  std::vector<Acknowledged> acknowledged_;
  std::vector<std::jthread> threads_; // first to go
};

void expect_kept(HttpClient& http, const Acknowledged& document) {
  auto text = http.get("/api/v1/documents/" + document.id + "/text");
  ASSERT_EQ(text.status, 200) << document.id << " was acknowledged and is gone";
  EXPECT_EQ(text.body, document.text) << document.id;
  auto found =
      http.post("/api/v1/query",
                {{"query", document.phrase}, {"limit", 5}, {"mode", "keyword"}, {"answer", false}});
  ASSERT_EQ(found.status, 200);
  auto hits = found.json()["results"];
  ASSERT_FALSE(hits.empty()) << document.id;
  EXPECT_EQ(hits[0]["document_id"], document.id);
  for (std::size_t i = 1; i < hits.size(); ++i)
    EXPECT_NE(hits[i]["document_id"], document.id) << "found twice";
}

// Every id once in the listing.
std::map<std::string, int> listed_ids(HttpClient& http) {
  std::map<std::string, int> ids;
  std::string cursor;
  do {
    auto page =
        http.get("/api/v1/documents?limit=1000" + (cursor.empty() ? "" : "&cursor=" + cursor))
            .json();
    for (const auto& item : page["items"]) ++ids[item["id"].get<std::string>()];
    cursor = page["next_cursor"].is_string() ? page["next_cursor"].get<std::string>() : "";
  } while (!cursor.empty());
  return ids;
}

TEST(Kill9, EveryAcknowledgedDocumentSurvivesTwentyKillsUnderLoad) {
  TempDir folder;
  auto data = folder.path() / "data";
  std::vector<Acknowledged> all;
  std::mt19937 random{20261122};
  auto server = std::make_unique<ServerProcess>(data);
  for (int round = 0; round < rounds; ++round) {
    Load load{server->port(), round};
    ASSERT_TRUE(load.wait_until_all_open(20 + random() % 200, std::chrono::seconds(60)))
        << server->log();
    server->kill_hard();
    auto acknowledged = load.stop();
    EXPECT_GT(load.lost_requests(), 0) << "the kill met no open request";
    server = std::make_unique<ServerProcess>(data);
    HttpClient http{server->port()};
    EXPECT_EQ(http.get("/ready").status, 200);
    for (const auto& document : acknowledged) expect_kept(http, document);
    all.insert(all.end(), acknowledged.begin(), acknowledged.end());
  }
  HttpClient http{server->port()};
  auto ids = listed_ids(http);
  for (const auto& document : all) EXPECT_EQ(ids[document.id], 1) << document.id;
  for (const auto& document : all) expect_kept(http, document);
  server->signal(SIGTERM);
  EXPECT_EQ(server->wait_for_exit(std::chrono::seconds(60)), 0);
  std::string report;
  EXPECT_EQ(run_graphrag({"fsck", "--data", data.string(), "--json"}, &report), 0) << report;
  EXPECT_GE(json::parse(report)["documents"].get<std::size_t>(), all.size());
  std::printf("%zu acknowledged documents, %d kills\n", all.size(), rounds);
}

} // namespace
} // namespace graphrag::test
