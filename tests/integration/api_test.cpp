// The API as a client sees it, on a real server process: documents in every way, listing, graph,
// collections, jobs, and what bad input is told.
#include <gtest/gtest.h>

#include <csignal>
#include <sstream>

#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;

class Api : public testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = new TempDir;
    server = new ServerProcess(folder->path() / "资料 data");
  }
  static void TearDownTestSuite() {
    server->signal(SIGTERM);
    EXPECT_EQ(server->wait_for_exit(std::chrono::seconds(60)), 0);
    std::string report;
    EXPECT_EQ(run_graphrag({"fsck", "--data", (folder->path() / "资料 data").string(), "--json"},
                           &report),
              0)
        << report;
    delete server;
    delete folder;
  }
  HttpClient http{server->port()};
  HttpClient admin{server->admin_port()};

  // A problem document with this status, code and field at fault.
  static void expect_problem(const HttpAnswer& answer, int status,
                             const std::string& pointer = "") {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.headers.count("content-type"), 1U);
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
    auto body = answer.json();
    EXPECT_TRUE(body.contains("code") && body.contains("trace_id")) << answer.body;
    if (pointer.empty()) return;
    ASSERT_TRUE(body.contains("errors")) << answer.body;
    bool named = false;
    for (const auto& item : body["errors"]) named |= item["pointer"] == pointer;
    EXPECT_TRUE(named) << answer.body;
  }
  json ask(const std::string& query, json more = json::object()) {
    more["query"] = query;
    return http.post("/api/v1/query", more).json();
  }
  static TempDir* folder;
  static ServerProcess* server;
};
TempDir* Api::folder = nullptr;
ServerProcess* Api::server = nullptr;

TEST_F(Api, ADocumentIsSearchableWhenItsWriteIsAnsweredAndGoneWhenItsDeleteIs) {
  auto made = http.put("/api/v1/documents/heron", {{"title", "Heron"},
                                                   {"text", "The heron waits in quibblewater."},
                                                   {"metadata", {{"kind", "bird"}}}});
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.json()["state"], "searchable");
  EXPECT_EQ(made.headers["etag"], "\"1\"");
  auto found = ask("quibblewater");
  ASSERT_EQ(found["results"].size(), 1U) << found.dump();
  EXPECT_EQ(found["results"][0]["document_id"], "heron");
  EXPECT_EQ(found["results"][0]["metadata"]["kind"], "bird");
  ASSERT_FALSE(found["answer"]["citations"].empty());
  EXPECT_EQ(http.request("DELETE", "/api/v1/documents/heron").status, 204);
  EXPECT_TRUE(ask("quibblewater")["results"].empty());
  expect_problem(http.get("/api/v1/documents/heron"), 404);
  expect_problem(http.request("DELETE", "/api/v1/documents/heron"), 404);
}

TEST_F(Api, SameContentIsANoOpAndNewContentReplaces) {
  EXPECT_EQ(
      http.put("/api/v1/documents/v", {{"text", "First snorkelling text."}}).json()["version"], 1);
  EXPECT_EQ(
      http.put("/api/v1/documents/v", {{"text", "First snorkelling text."}}).json()["version"], 1);
  EXPECT_EQ(http.put("/api/v1/documents/v", {{"text", "Second gardening text."}}).json()["version"],
            2);
  EXPECT_TRUE(ask("snorkelling")["results"].empty());
  EXPECT_EQ(ask("gardening")["results"].size(), 1U);
  auto stale = http.request("PUT", "/api/v1/documents/v", json{{"text", "Third."}}.dump(),
                            {{"Content-Type", "application/json"}, {"If-Match", "\"1\""}});
  expect_problem(stale, 412);
  auto fresh = http.request("PUT", "/api/v1/documents/v", json{{"text", "Third."}}.dump(),
                            {{"Content-Type", "application/json"}, {"If-Match", "\"2\""}});
  EXPECT_EQ(fresh.status, 200);
}

TEST_F(Api, IfNoneMatchMakesOnlyWhatIsNotThere) {
  const auto make = [&](const std::string& text, std::map<std::string, std::string> more) {
    more["Content-Type"] = "application/json";
    return http.request("PUT", "/api/v1/documents/n", json{{"text", text}}.dump(), more);
  };
  EXPECT_EQ(make("First.", {{"If-None-Match", "*"}}).status, 200);
  expect_problem(make("Second.", {{"If-None-Match", "*"}}), 412);
  expect_problem(make("First.", {{"If-None-Match", "*"}}), 412); // also when it says the same
  expect_problem(make("Third.", {{"If-None-Match", "\"1\""}}), 400);
  expect_problem(make("Third.", {{"If-None-Match", "*"}, {"If-Match", "\"1\""}}), 400);
  EXPECT_EQ(http.get("/api/v1/documents/n").json()["version"], 1);
  ASSERT_EQ(http.request("DELETE", "/api/v1/documents/n").status, 204);
  EXPECT_EQ(make("Fourth.", {{"If-None-Match", "*"}}).json()["version"], 2);
}

TEST_F(Api, UnknownParametersOfTheQueryAreRefusedByName) {
  const json document{{"text", "A pump."}};
  for (const auto& answer : {http.put("/api/v1/documents/u?wait=0", document),
                             http.post("/api/v1/query?limit=3", {{"query", "pump"}}),
                             http.request("POST", "/api/v1/documents/_bulk?mod=async", "{}\n",
                                          {{"Content-Type", "application/x-ndjson"}}),
                             http.request("DELETE", "/api/v1/documents/u?x=1")}) {
    expect_problem(answer, 400);
    EXPECT_EQ(answer.json()["errors"][0]["detail"], "unknown parameter") << answer.body;
  }
  expect_problem(http.get("/api/v1/documents/u"), 404);
}

TEST_F(Api, AFilteredListingHasFullPagesAndMissesNothing) {
  std::vector<std::string> wanted;
  for (int i = 10; i < 34; ++i) {
    const auto id = "page" + std::to_string(i);
    http.put("/api/v1/documents/" + id, {{"text", "A pump."}, {"metadata", {{"kind", i % 3}}}});
    if (i % 3 != 0) wanted.push_back(id);
  }
  // {"must_not":[{"key":"kind","match":0}]}
  const std::string filter = "&prefix=page&filter=%7B%22must_not%22%3A%5B%7B%22key%22%3A%22kind%22%"
                             "2C%22match%22%3A0%7D%5D%7D";
  for (const int limit : {1, 3, 4, 16, 100}) {
    std::vector<std::string> found;
    std::string cursor;
    do {
      auto page = http.get("/api/v1/documents?limit=" + std::to_string(limit) + filter +
                           (cursor.empty() ? "" : "&cursor=" + cursor));
      ASSERT_EQ(page.status, 200) << page.body;
      const auto body = page.json();
      ASSERT_LE(body["items"].size(), static_cast<std::size_t>(limit));
      for (const auto& item : body["items"]) found.push_back(item["id"]);
      cursor = body["next_cursor"].is_string() ? body["next_cursor"].get<std::string>() : "";
      EXPECT_TRUE(cursor.empty() || body["items"].size() == static_cast<std::size_t>(limit));
    } while (!cursor.empty());
    EXPECT_EQ(found, wanted) << limit;
  }
}

TEST_F(Api, APatchChangesTitleAndMetadataOnly) {
  http.put("/api/v1/documents/p", {{"text", "Patchwork umbrella."}, {"metadata", {{"n", 1}}}});
  auto patched = http.request("PATCH", "/api/v1/documents/p",
                              json{{"title", "New"}, {"metadata", {{"n", 2}}}}.dump(),
                              {{"Content-Type", "application/json"}});
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(patched.json()["title"], "New");
  auto found =
      ask("umbrella", {{"filter", {{"must", json::array({{{"key", "n"}, {"match", 2}}})}}}});
  ASSERT_EQ(found["results"].size(), 1U) << found.dump();
  EXPECT_EQ(found["results"][0]["title"], "New");
  EXPECT_TRUE(ask("umbrella",
                  {{"filter", {{"must", json::array({{{"key", "n"}, {"match", 1}}})}}}})["results"]
                  .empty());
}

TEST_F(Api, AFileIsParsedAndItsOriginalKept) {
  std::string page = "<html><head><title>Tides</title></head><body><h1>Tides</h1><p>The zephyrine "
                     "tide turns.</p></body></html>";
  std::string type, body = multipart_file("tides.html", page, type);
  auto made = http.request("POST", "/api/v1/documents", body, {{"Content-Type", type}});
  ASSERT_EQ(made.status, 200) << made.body;
  auto id = made.json()["id"].get<std::string>();
  EXPECT_EQ(made.json()["mime"], "text/html");
  EXPECT_EQ(http.get("/api/v1/documents/" + id + "/content").body, page);
  EXPECT_NE(http.get("/api/v1/documents/" + id + "/text").body.find("zephyrine"),
            std::string::npos);
  auto again = http.request("POST", "/api/v1/documents", body, {{"Content-Type", type}});
  EXPECT_EQ(again.json()["id"], id);
  EXPECT_EQ(again.json()["duplicate"], true);
}

TEST_F(Api, ABadFileFailsWithItsCodeAndStaysOutOfSearch) {
  std::string type, body = multipart_file("scan.pdf", "%PDF-1.4\nthis is no pdf at all", type);
  auto made = http.request("PUT", "/api/v1/documents/badpdf", body, {{"Content-Type", type}});
  EXPECT_EQ(made.status, 422) << made.body;
  EXPECT_EQ(made.json()["document_id"], "badpdf");
  auto state = http.get("/api/v1/documents/badpdf").json();
  EXPECT_EQ(state["state"], "failed");
  EXPECT_EQ(state["error"]["code"], made.json()["code"]);
  EXPECT_EQ(http.request("POST", "/api/v1/documents/badpdf/retry").status, 202);
}

TEST_F(Api, AsyncWritesAnswerAtOnceAndFinish) {
  auto made = http.request("PUT", "/api/v1/documents/later",
                           json{{"text", "Marzipan arrives later."}}.dump(),
                           {{"Content-Type", "application/json"}, {"Prefer", "respond-async"}});
  ASSERT_EQ(made.status, 202) << made.body;
  EXPECT_EQ(made.headers["preference-applied"], "respond-async");
  ASSERT_TRUE(made.headers.count("location"));
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  json state = json::object();
  while (std::chrono::steady_clock::now() < end && state.value("state", "") != "searchable")
    state = http.get(made.headers["location"]).json();
  EXPECT_EQ(state["state"], "searchable") << state.dump();
}

TEST_F(Api, AnIdempotencyKeyMakesOneDocument) {
  auto send = [&](const char* text) {
    return http.request("POST", "/api/v1/documents", json{{"text", text}}.dump(),
                        {{"Content-Type", "application/json"}, {"Idempotency-Key", "key-1"}});
  };
  auto first = send("Idempotent pelican."), second = send("Idempotent pelican.");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(second.json()["id"], first.json()["id"]);
  expect_problem(send("Another pelican."), 422);
}

TEST_F(Api, BulkAnswersEveryLineInOrderAndOneBadLineStopsNothing) {
  std::string lines;
  for (int i = 0; i < 300; ++i)
    lines += i == 7 ? "{broken\n"
                    : json{{"id", "b" + std::to_string(i)},
                           {"text", "Bulk passage bramblenumber" + std::to_string(i)}}
                              .dump() +
                          "\n";
  auto answer = http.request("POST", "/api/v1/documents/_bulk", lines,
                             {{"Content-Type", "application/x-ndjson"}});
  ASSERT_EQ(answer.status, 200);
  std::istringstream in{answer.body};
  int number = 0;
  json last;
  for (std::string line; std::getline(in, line);) {
    last = json::parse(line);
    if (last.contains("done")) break;
    EXPECT_EQ(last["line"], ++number);
    EXPECT_EQ(last["status"].get<int>() == 200, number != 8) << line;
  }
  EXPECT_EQ(number, 300);
  EXPECT_EQ(last, (json{{"done", true}, {"ok", 299}, {"failed", 1}}));
  EXPECT_EQ(ask("bramblenumber299")["results"][0]["document_id"], "b299");
}

TEST_F(Api, ListsPageByPage) {
  ASSERT_TRUE(http.request("PUT", "/api/v1/collections/pages").status / 100 == 2);
  for (int i = 0; i < 7; ++i)
    http.put("/api/v1/collections/pages/documents/d" + std::to_string(i),
             {{"text", "text " + std::to_string(i)}});
  std::string cursor;
  std::vector<std::string> ids;
  do {
    auto page = http.get("/api/v1/collections/pages/documents?limit=3" +
                         (cursor.empty() ? "" : "&cursor=" + cursor))
                    .json();
    EXPECT_EQ(page["total"], 7);
    for (const auto& item : page["items"]) ids.push_back(item["id"]);
    cursor = page["next_cursor"].is_string() ? page["next_cursor"].get<std::string>() : "";
  } while (!cursor.empty());
  EXPECT_EQ(ids, (std::vector<std::string>{"d0", "d1", "d2", "d3", "d4", "d5", "d6"}));
  expect_problem(http.get("/api/v1/documents?limit=0"), 400, "/query/limit");
  expect_problem(http.get("/api/v1/documents?colour=red"), 400, "/query/colour");
}

TEST_F(Api, CollectionsAreSeparateAndNeverMadeByATypo) {
  expect_problem(http.post("/api/v1/collections/nobody/query", {{"query", "x"}}), 404);
  expect_problem(http.put("/api/v1/collections/nobody/documents/x", {{"text", "x y z"}}), 404);
  EXPECT_EQ(http.request("PUT", "/api/v1/collections/apart").status, 201);
  EXPECT_EQ(http.request("PUT", "/api/v1/collections/apart").status, 200);
  http.put("/api/v1/collections/apart/documents/x", {{"text", "Secretive wolverine."}});
  EXPECT_TRUE(ask("wolverine")["results"].empty());
  EXPECT_EQ(http.request("DELETE", "/api/v1/collections/apart").status, 204);
  expect_problem(http.post("/api/v1/collections/apart/query", {{"query", "wolverine"}}), 404);
  expect_problem(http.request("PUT", "/api/v1/collections/bad%20name"), 422);
}

TEST_F(Api, TheGraphCarriesItsEvidence) {
  http.put("/api/v1/documents/g1",
           {{"title", "Orlanda Quist"},
            {"text", "Orlanda Quist was a cartographer. She was born in Pellmere."}});
  http.put("/api/v1/documents/g2",
           {{"title", "Pellmere"}, {"text", "Pellmere is a town on the river Ost."}});
  auto found = http.get("/api/v1/entities?q=quist").json();
  ASSERT_FALSE(found["items"].empty()) << found.dump();
  auto id = found["items"][0]["id"].get<std::string>();
  EXPECT_EQ(found["items"][0]["name"], "Orlanda Quist");
  auto around = http.get("/api/v1/entities/" + id + "/neighbors?depth=2").json();
  ASSERT_FALSE(around["edges"].empty()) << around.dump();
  for (const auto& edge : around["edges"]) {
    auto text = http.get("/api/v1/documents/" + edge["evidence"]["document_id"].get<std::string>() +
                         "/text")
                    .body;
    auto start = edge["evidence"]["start"].get<std::size_t>(),
         end = edge["evidence"]["end"].get<std::size_t>();
    EXPECT_EQ(text.substr(start, end - start),
              edge["evidence"]["text"]); // ASCII: code points are bytes
  }
  expect_problem(http.get("/api/v1/entities/0000000000000000"), 404);
  EXPECT_EQ(http.get("/api/v1/relations?limit=5").status, 200);
}

TEST_F(Api, ReadsItsOwnWritesByToken) {
  auto made = http.put("/api/v1/documents/token", {{"text", "Tokenised ocelot."}}).json();
  auto found = ask("ocelot", {{"after", made["consistency_token"]}});
  EXPECT_FALSE(found["partial"].get<bool>());
  EXPECT_EQ(found["results"].size(), 1U);
  auto future = ask("ocelot", {{"after", "szzzzzz"}, {"timeout_ms", 200}});
  EXPECT_TRUE(future["partial"].get<bool>()) << future.dump();
  EXPECT_TRUE(std::ranges::count(future["missing"], json("after"))) << future.dump();
}

// The same question again is answered from the cache, until a write to its collection.
TEST_F(Api, ACachedAnswerIsNeverStaleNorOfAnotherCollection) {
  const auto looked_up = [&](const std::string& result) {
    const auto series = "graphrag_query_cache_total{result=\"" + result + "\"} ";
    const auto metrics = admin.get("/metrics").body;
    const auto at = metrics.find(series);
    return at == std::string::npos ? 0 : std::stoi(metrics.substr(at + series.size()));
  };
  const json question{{"query", "numbat forage"}};
  const auto in = [&](const std::string& collection) {
    return http.post("/api/v1/collections/" + collection + "/query", question).json();
  };
  for (const char* collection : {"cached-a", "cached-b"})
    ASSERT_EQ(http.request("PUT", "/api/v1/collections/" + std::string(collection)).status, 201);
  ASSERT_EQ(http.put("/api/v1/collections/cached-a/documents/n",
                     {{"text", "The numbat will forage by day."}})
                .status,
            200);
  auto first = in("cached-a");
  ASSERT_EQ(first["results"].size(), 1U);
  const auto hits = looked_up("hit");
  auto again = in("cached-a");
  EXPECT_EQ(looked_up("hit"), hits + 1);
  EXPECT_EQ(again["results"], first["results"]);
  EXPECT_EQ(again["answer"], first["answer"]);
  EXPECT_TRUE(again.contains("took_ms") && again.contains("consistency_token"));

  EXPECT_TRUE(in("cached-b")["results"].empty());
  EXPECT_EQ(looked_up("hit"), hits + 1);

  ASSERT_EQ(http.put("/api/v1/collections/cached-a/documents/m",
                     {{"text", "Another numbat, another forage."}})
                .status,
            200);
  EXPECT_EQ(in("cached-a")["results"].size(), 2U);
  ASSERT_EQ(http.request("DELETE", "/api/v1/collections/cached-a/documents/n").status, 204);
  auto after = in("cached-a");
  ASSERT_EQ(after["results"].size(), 1U);
  EXPECT_EQ(after["results"][0]["document_id"], "m");
  EXPECT_EQ(looked_up("hit"), hits + 1);
}

TEST_F(Api, DeletesByFilterAsAJob) {
  for (int i = 0; i < 5; ++i)
    http.put("/api/v1/documents/f" + std::to_string(i),
             {{"text", "Filtered walnut."}, {"metadata", {{"group", i < 3 ? "old" : "new"}}}});
  auto started =
      http.post("/api/v1/documents/_delete",
                {{"filter", {{"must", json::array({{{"key", "group"}, {"match", "old"}}})}}}});
  ASSERT_EQ(started.status, 202) << started.body;
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  json job = json::object();
  while (std::chrono::steady_clock::now() < end && job.value("state", "") != "done")
    job = http.get(started.headers["location"]).json();
  EXPECT_EQ(job["state"], "done") << job.dump();
  EXPECT_EQ(job["ok"], 3);
  EXPECT_EQ(ask("walnut")["results"].size(), 2U);
  expect_problem(http.post("/api/v1/documents/_delete", {{"filter", json::object()}}), 422,
                 "/filter");
}

TEST_F(Api, BulkAsAJob) {
  std::string lines;
  for (int i = 0; i < 40; ++i)
    lines += json{{"text", "Jobbed kumquat number " + std::to_string(i)}}.dump() + "\n";
  lines += "{}\n";
  auto started = http.request("POST", "/api/v1/documents/_bulk?mode=async", lines,
                              {{"Content-Type", "application/x-ndjson"}});
  ASSERT_EQ(started.status, 202) << started.body;
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  json job = json::object();
  while (std::chrono::steady_clock::now() < end && job.value("state", "") != "done")
    job = http.get(started.headers["location"]).json();
  EXPECT_EQ(job["state"], "done") << job.dump();
  EXPECT_EQ(job["ok"], 40);
  EXPECT_EQ(job["failed"], 1);
  EXPECT_EQ(ask("kumquat", {{"limit", 100}})["results"].size(), 40U);
}

TEST_F(Api, BadInputIsToldWhatIsWrong) {
  auto json_type = std::map<std::string, std::string>{{"Content-Type", "application/json"}};
  expect_problem(http.request("POST", "/api/v1/documents", "{\"text\": \"x\"", json_type), 400);
  expect_problem(http.request("POST", "/api/v1/documents", "\xff\xfe", json_type), 400);
  expect_problem(
      http.request("POST", "/api/v1/documents", R"({"text":"a b","text":"c"})", json_type), 400);
  expect_problem(
      http.request("POST", "/api/v1/documents", "hello", {{"Content-Type", "text/weird"}}), 415);
  expect_problem(http.post("/api/v1/documents", {{"text", 7}}), 422, "/text");
  expect_problem(http.post("/api/v1/documents", {{"text", "x"}, {"colour", "red"}}), 422,
                 "/colour");
  expect_problem(http.post("/api/v1/documents", {{"title", "no text"}}), 422, "/text");
  expect_problem(http.post("/api/v1/documents", {{"text", " \n "}}), 422, "/text");
  expect_problem(http.post("/api/v1/query", {{"query", "x"}, {"limit", 101}}), 422, "/limit");
  expect_problem(http.post("/api/v1/query", {{"query", "x"}, {"mode", "psychic"}}), 422, "/mode");
  expect_problem(http.post("/api/v1/query", {{"query", "x"}, {"mode", "vector"}}), 422, "/vector");
  expect_problem(http.post("/api/v1/query", {{"query", "x"}, {"filter", {{"must", 3}}}}), 422,
                 "/filter/must");
  expect_problem(http.post("/api/v1/query", json::object()), 422, "/query");
  expect_problem(http.get("/nowhere"), 404);
  auto method = http.request("DELETE", "/api/v1/query");
  expect_problem(method, 405);
  EXPECT_FALSE(method.headers["allow"].empty());
  std::string type, body = multipart_file("empty.txt", "", type);
  expect_problem(http.request("POST", "/api/v1/documents", body, {{"Content-Type", type}}), 422);
  EXPECT_EQ(http.get("/health").status, 200);
}

TEST_F(Api, VectorsBroughtByClients) {
  http.put("/api/v1/documents/vec1", {{"text", "Vector one."}, {"vector", {1, 0, 0}}});
  http.put("/api/v1/documents/vec2", {{"text", "Vector two."}, {"vector", {0, 1, 0}}});
  auto found = ask("anything", {{"mode", "vector"}, {"vector", {0.1, 0.9, 0}}, {"limit", 1}});
  ASSERT_EQ(found["results"].size(), 1U) << found.dump();
  EXPECT_EQ(found["results"][0]["document_id"], "vec2");
}

TEST_F(Api, TheAdminListenerShowsTheInside) {
  auto tree = admin.get("/api/v1/admin/supervision").json();
  EXPECT_EQ(tree["state"], "running") << tree.dump();
  EXPECT_FALSE(tree["children"].empty());
  auto metrics = admin.get("/metrics").body;
  for (const char* name : {"http_requests_total{", "http_request_duration_seconds_bucket{",
                           "graphrag_actor_mailbox_depth{", "graphrag_stage_in_flight{",
                           "graphrag_store_commit_seconds_count", "graphrag_index_items{"})
    EXPECT_NE(metrics.find(name), std::string::npos) << name;
  EXPECT_EQ(admin.get("/api/v1/admin/config").status, 200);
  EXPECT_EQ(admin.get("/api/v1/admin/shards").status, 200);
  expect_problem(admin.request("POST", "/api/v1/admin/kill?path=/node"), 403);
  expect_problem(http.get("/metrics"), 404);
  auto description = http.get("/openapi.json").json();
  EXPECT_EQ(description["openapi"], "3.1.0");
  EXPECT_TRUE(description["paths"].contains("/api/v1/collections/{c}/query"));
}

TEST_F(Api, ThePageForPeopleNamesEveryOperationAndRunsNothing) {
  auto page = http.get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers["content-type"], "text/html; charset=utf-8");
  auto policy = page.headers["content-security-policy"];
  EXPECT_EQ(policy.find("default-src 'none'; style-src 'sha256-"), 0U) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(page.body.find("style="), std::string::npos); // the policy would drop it
  EXPECT_NE(page.body.find("/api/v1/query \\\n    -H &#39;Content-Type"), std::string::npos);
  auto elsewhere = http.request("GET", "/docs", "", {{"Host", "graph.example:81"}}).body;
  EXPECT_NE(elsewhere.find("curl -sS http://graph.example:81/ready<"), std::string::npos);
  auto description = http.get("/openapi.json").json();
  for (const auto& [path, methods] : description["paths"].items())
    EXPECT_NE(page.body.find("<code>" + path), std::string::npos) << path;
  expect_problem(admin.get("/docs"), 404);
}

TEST_F(Api, DescribedParametersAreTheOnesThatAreTaken) {
  auto description = http.get("/openapi.json").json();
  auto taken = [&](const std::string& path, const std::string& pattern) {
    for (const auto& parameter : description["paths"][pattern]["get"]["parameters"]) {
      if (parameter["in"] != "query") continue;
      auto answer = http.get(path + "?" + parameter["name"].get<std::string>() + "=~");
      EXPECT_EQ(answer.body.find("unknown parameter"), std::string::npos) << answer.body;
    }
  };
  taken("/api/v1/documents", "/api/v1/documents");
  taken("/api/v1/entities", "/api/v1/entities");
  taken("/api/v1/relations", "/api/v1/relations");
  taken("/api/v1/entities/none/neighbors", "/api/v1/entities/{entity}/neighbors");
  auto body = description["paths"]["/api/v1/query"]["post"]["requestBody"]["content"];
  auto fields = body["application/json"]["schema"]["properties"];
  EXPECT_GE(fields.size(), 10U) << description.dump();
  for (const auto& [field, schema] : fields.items()) { // nothing is of this kind
    const auto answer = http.post("/api/v1/query", {{field, {{"x", 1}}}}).json();
    ASSERT_TRUE(answer.contains("errors")) << field;
    for (const auto& error : answer["errors"]) EXPECT_NE(error["detail"], "unknown field") << field;
  }
}

} // namespace
} // namespace graphrag::test
