// The client commands as a user runs them, against a stub server.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "gateway/client/server_process.hpp"
#include "tests/integration/process.hpp"
#include "tests/integration/stub_server.hpp"

namespace graphrag::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Fault = StubServer::Fault;

class ClientCommands : public testing::Test {
protected:
  ClientCommands() : folder(std::move(*client::TemporaryFolder::make())) {}
  std::string write(const std::string& name, const std::string& text) {
    auto path = folder.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream{path} << text;
    return path;
  }
  Finished run(std::vector<std::string> words) {
    return graphrag(std::move(words), {"GRAPHRAG_URL=" + stub.url()});
  }
  StubServer stub;
  client::TemporaryFolder folder;
};

TEST_F(ClientCommands, ingest_stores_then_finds_nothing_to_do) {
  write("docs/a.md", "one");
  write("docs/深/b c.txt", "two");
  write("docs/c.txt", "three");
  auto docs = (folder.path() / "docs").string();
  auto first = run({"ingest", docs, "--json"});
  ASSERT_EQ(first.code, 0) << first.err;
  auto result = json::parse(first.out);
  EXPECT_EQ(result["stored"], 3);
  EXPECT_EQ(result["unchanged"], 0);
  {
    std::lock_guard lock{stub.mutex};
    auto& stored = stub.documents["default"];
    ASSERT_TRUE(stored.contains("深/b c.txt"));
    EXPECT_NE(stored["深/b c.txt"].second.find("two"), std::string::npos);
  }
  write("docs/c.txt", "changed");
  result = json::parse(run({"ingest", docs, "--json"}).out);
  EXPECT_EQ(result["stored"], 1);
  EXPECT_EQ(result["unchanged"], 2);
}

TEST_F(ClientCommands, ingest_retries_refusals_and_broken_connections) {
  auto path = write("a.md", "one");
  stub.faults = {Fault::refuse_429, Fault::refuse_503, Fault::hang_up, Fault::hang_up};
  auto result = run({"ingest", path, "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["stored"], 1);
}

TEST_F(ClientCommands, ingest_waits_for_accepted_documents) {
  auto path = write("a.md", "one");
  stub.faults = {Fault::accept_202};
  auto result = run({"ingest", path});
  EXPECT_EQ(result.code, 0) << result.err;
  std::lock_guard lock{stub.mutex};
  EXPECT_EQ(stub.requests.back(), "GET /api/v1/collections/default/documents/_?id=a.md");
}

TEST_F(ClientCommands, ingest_shows_a_table_of_failures) {
  write("docs/scan.pdf", "x");
  stub.faults = {Fault::fail_422};
  auto result = run({"ingest", (folder.path() / "docs").string()});
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.out.find("scan.pdf  no_text_layer  as ordered"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("0 documents in 'default'"), std::string::npos);
  EXPECT_EQ(result.err.find('\033'), std::string::npos); // no bar without a terminal
}

TEST_F(ClientCommands, sync_deletes_what_vanished_under_its_prefix_only) {
  write("docs/a.md", "one");
  stub.documents["default"]["m/gone.md"] = {1, ""};
  stub.documents["default"]["other.md"] = {1, ""};
  auto docs = (folder.path() / "docs").string();
  auto result = run({"ingest", docs, "--prefix", "m/", "--sync", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["deleted"], 1);
  std::lock_guard lock{stub.mutex};
  EXPECT_EQ(stub.documents["default"].size(), 2U);
  EXPECT_TRUE(stub.documents["default"].contains("m/a.md"));
  EXPECT_TRUE(stub.documents["default"].contains("other.md"));
}

TEST_F(ClientCommands, sync_never_takes_a_mistake_for_an_empty_folder) {
  stub.documents["default"]["keep.md"] = {1, ""};
  fs::create_directories(folder.path() / "empty");
  EXPECT_EQ(run({"ingest", (folder.path() / "empty").string(), "--sync"}).code, 1);
  EXPECT_EQ(run({"ingest", (folder.path() / "typo").string(), "--sync"}).code, 2);
  EXPECT_EQ(run({"ingest", write("a.md", "x"), "--sync"}).code, 2);
  std::lock_guard lock{stub.mutex};
  EXPECT_EQ(stub.documents["default"].size(), 1U);
}

TEST_F(ClientCommands, a_collection_is_made_only_when_asked) {
  auto path = write("a.md", "one");
  auto result = run({"ingest", path, "--collection", "typo"});
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("--create"), std::string::npos) << result.err;
  {
    std::lock_guard lock{stub.mutex};
    EXPECT_FALSE(stub.documents.contains("typo"));
  }
  EXPECT_EQ(run({"ingest", path, "--collection", "new", "--create"}).code, 0);
}

TEST_F(ClientCommands, query_prints_answer_citations_and_results) {
  stub.on_query = [](const json&) {
    return json{{"answer",
                 {{"text", "In Marrowdale."},
                  {"citations",
                   {{{"document_id", "p/t.docx"},
                     {"title", "T"},
                     {"page", 2},
                     {"start", 3},
                     {"end", 9},
                     {"text", "grew\033[2J up"}}}}}},
                {"results",
                 {{{"document_id", "p/t.docx"}, {"title", "T"}, {"text", "..."}, {"score", 0.5}}}},
                {"took_ms", 1.5}};
  };
  auto result = run({"query", "Where?", "--limit", "3", "--mode", "keyword"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("In Marrowdale."), std::string::npos);
  EXPECT_NE(result.out.find("[1] T (p/t.docx, page 2, characters 3-9)"), std::string::npos)
      << result.out;
  EXPECT_EQ(result.out.find('\033'), std::string::npos); // a document's escape sequence
  {
    std::lock_guard lock{stub.mutex};
    EXPECT_EQ(json::parse(stub.bodies.back()),
              (json{{"query", "Where?"}, {"limit", 3}, {"mode", "keyword"}}));
  }
  auto raw = run({"query", "Where?", "--json"});
  EXPECT_EQ(json::parse(raw.out)["answer"]["text"], "In Marrowdale.");
  EXPECT_EQ(run({"query", "Where?", "--collection", "none"}).code, 1);
}

TEST_F(ClientCommands, query_says_what_an_answer_lacks) {
  stub.on_query = [](const json&) {
    return json{{"answer", {{"text", "Herons."}, {"citations", json::array()}}},
                {"results", json::array()},
                {"partial", true},
                {"missing", {"communities", "generated_answer"}},
                {"generation_error", "no answer in 1 s"},
                {"took_ms", 1.5}};
  };
  const auto ended = run({"query", "What is it about?", "--mode", "global"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_NE(ended.out.find("partial, missing: communities generated_answer (no answer in 1 s)"),
            std::string::npos)
      << ended.out;
}

TEST_F(ClientCommands, status_tells_readiness_apart) {
  stub.documents["default"]["x"] = {1, ""};
  auto result = run({"status", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["collections"][0]["documents"], 1);
  stub.ready_ = false;
  EXPECT_EQ(run({"status"}).code, 1);
}

TEST_F(ClientCommands, top_shows_rates_between_two_readings) {
  stub.metrics =
      "graphrag_actor_mailbox_depth{kind=\"chunk\"} 3\ngraphrag_ingest_backlog_documents 4\n";
  auto result =
      run({"top", "--admin-url", stub.url(), "--interval", "0.1", "--count", "2", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  auto first = json::parse(result.out.substr(0, result.out.find('\n')));
  EXPECT_EQ(first["mailbox_depth"]["chunk"], 3);
  EXPECT_EQ(first["backlog_documents"], 4);
}

TEST_F(ClientCommands, eval_scores_without_giving_the_gold_away) {
  write("set/corpus.jsonl", "{\"id\":\"1\",\"title\":\"T\",\"text\":\"a\",\"gold_marker\":1}\n{"
                            "\"id\":\"2\",\"text\":\"b\"}\n");
  write("set/queries.jsonl",
        "{\"id\":\"q\",\"question\":\"Who?\",\"gold_ids\":[\"1\",\"2\"],\"answer\":\"secret\"}\n");
  auto more = write("more.jsonl", "{\"id\":\"9\",\"text\":\"c\"}\n");
  stub.on_query = [](const json&) {
    json results = json::array();
    for (auto id : {"1", "1", "x", "2"}) results.push_back({{"document_id", id}});
    return json{{"results", results}};
  };
  auto result = run({"eval", (folder.path() / "set").string(), "--url", stub.url(), "--distractors",
                     more, "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  auto scores = json::parse(result.out);
  EXPECT_EQ(scores["queries"], 1);
  EXPECT_EQ(scores["recall@2"], 0.5);
  EXPECT_EQ(scores["recall@5"], 1.0);
  EXPECT_EQ(scores["all@5"], 1.0);
  EXPECT_EQ(scores["mrr"], 1.0);
  EXPECT_GT(scores["ingest_passages_per_s"], 0);
  EXPECT_TRUE(scores["query_ms"].contains("p99"));
  std::lock_guard lock{stub.mutex};
  EXPECT_EQ(json::parse(stub.bodies.back()), (json{{"query", "Who?"}, {"limit", 20}}));
  auto& stored = stub.documents["eval"];
  ASSERT_EQ(stored.size(), 3U);
  EXPECT_TRUE(stored.contains("distractor/more/9"));
  EXPECT_EQ(json::parse(stored["1"].second), (json{{"id", "1"}, {"title", "T"}, {"text", "a"}}));
}

TEST_F(ClientCommands, exit_codes_tell_usage_from_unreachable) {
  EXPECT_EQ(run({}).code, 2);
  EXPECT_EQ(run({"nonsense"}).code, 2);
  EXPECT_EQ(run({"query"}).code, 2);
  EXPECT_EQ(run({"query", "x", "--limit", "0"}).code, 2);
  EXPECT_EQ(run({"query", "x", "--url", "https://x"}).code, 2);
  EXPECT_EQ(run({"eval", folder.path() / "none"}).code, 2);
  EXPECT_EQ(run({"eval", folder.path()}).code, 2);
  EXPECT_EQ(run({"--help"}).code, 0);
  EXPECT_EQ(run({"--version"}).code, 0);
  std::string nobody;
  { nobody = StubServer{}.url(); }
  for (auto words :
       {std::vector<std::string>{"query", "x"}, {"status"}, {"ingest", write("a.md", "x")}}) {
    words.insert(words.end(), {"--url", nobody});
    EXPECT_EQ(run(words).code, 3) << words[0];
  }
  EXPECT_EQ(run({"top", "--admin-url", nobody}).code, 3);
}

TEST_F(ClientCommands, a_word_that_is_no_command_is_named) {
  const auto said = [&](std::vector<std::string> words) {
    auto ended = run(std::move(words));
    EXPECT_EQ(ended.code, 2);
    return ended.out + ended.err;
  };
  EXPECT_NE(said({"nonsense"}).find("'nonsense' is no command"), std::string::npos);
  EXPECT_NE(said({"qeury", "Where?"}).find("'qeury' is no command; did you mean query?"),
            std::string::npos);
  EXPECT_NE(said({"cluster", "statsu"}).find("'statsu' is no command; did you mean status?"),
            std::string::npos);
  EXPECT_NE(said({"--verbsoe"}).find("'--verbsoe' is no command"), std::string::npos);
  EXPECT_NE(said({"query", "--limt"}).find("QUESTION is required"), std::string::npos);
}

TEST_F(ClientCommands, a_cluster_stays_out_of_the_sources) {
  EXPECT_EQ(run({"cluster", "up", "--data", ""}).code, 2);
  EXPECT_NE(run({"cluster", "up", "--help"}).out.find("graphrag-cluster"), std::string::npos);
}

TEST_F(ClientCommands, config_names_every_mistake) {
  auto file = write("graphrag.yaml", "server:\n  listne: x\n");
  auto result = run({"config", "check", "--config", file, "--set", "store.readers=zero"});
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("listne"), std::string::npos) << result.err;
  EXPECT_EQ(run({"serve", "--config", file}).code, 2);
  EXPECT_EQ(run({"config", "check"}).code, 0);
  auto printed = run({"config", "print", "--json", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_EQ(json::parse(printed.out)["server.listen"]["source"], "--listen");
  EXPECT_EQ(run({"config", "print", "--set", "no-equals"}).code, 2);
}

} // namespace
} // namespace graphrag::test
