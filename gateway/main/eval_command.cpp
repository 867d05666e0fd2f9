#include <cstdio>
#include <fstream>

#include <poll.h>

#include <nlohmann/json.hpp>

#include "gateway/client/bulk.hpp"
#include "gateway/client/interrupt.hpp"
#include "gateway/client/progress.hpp"
#include "gateway/client/score.hpp"
#include "gateway/client/server_process.hpp"
#include "gateway/main/commands.hpp"

namespace graphrag {
namespace {

using nlohmann::json;

struct Failed {
  int exit_code;
  std::string text;
};
template <class T>
using Outcome = tl::expected<T, Failed>;

Failed usage(std::string text) { return {client::exit_usage, std::move(text)}; }

// Calls `each` with every object of a file of JSON lines.
std::optional<Failed> each_line(const std::filesystem::path& path,
                                const std::function<void(json&&)>& each) {
  std::ifstream in{path};
  if (!in) return usage(path.string() + " cannot be read");
  std::string line;
  for (std::uint64_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto value = json::parse(line, nullptr, false);
    if (!value.is_object())
      return usage(path.string() + ":" + std::to_string(number) + ": no JSON object");
    each(std::move(value));
  }
  return std::nullopt;
}

std::string text_of(const json& object, const char* key) {
  auto found = object.find(key);
  if (found == object.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// Only id, title and text go to the server, whatever else a line holds.
void add_passage(std::vector<std::string>& lines, const json& passage, const std::string& prefix) {
  json line{{"id", prefix + text_of(passage, "id")}, {"text", text_of(passage, "text")}};
  if (auto title = text_of(passage, "title"); !title.empty()) line["title"] = title;
  lines.push_back(line.dump(-1, ' ', false, json::error_handler_t::replace));
}

struct Question {
  std::string text;
  std::set<std::string> gold; // stays here: never sent
};

struct Set {
  std::vector<std::string> passages;
  std::vector<Question> questions;
};

Outcome<Set> read_set(const EvalOptions& options) {
  Set set;
  std::filesystem::path folder{options.folder};
  auto failed = each_line(folder / "corpus.jsonl",
                          [&](json&& passage) { add_passage(set.passages, passage, ""); });
  for (const auto& file : options.distractors) {
    auto prefix = "distractor/" + std::filesystem::path{file}.stem().string() + "/";
    if (!failed)
      failed = each_line(file, [&](json&& passage) { add_passage(set.passages, passage, prefix); });
  }
  if (!failed)
    failed = each_line(folder / "queries.jsonl", [&](json&& query) {
      Question question{text_of(query, "question"), {}};
      for (const auto& id : query.value("gold_ids", json::array()))
        question.gold.insert(id.is_string() ? id.get<std::string>() : id.dump());
      set.questions.push_back(std::move(question));
    });
  if (failed) return tl::unexpected(*failed);
  if (set.questions.empty()) return tl::unexpected(usage("there are no queries"));
  return set;
}

std::optional<Failed> make_collection(client::HttpClient& connection, const std::string& name) {
  client::HttpCall call;
  call.method = "PUT";
  call.target = client::collection_path(name);
  auto reply = connection.send(call);
  if (!reply) return Failed{client::exit_unreachable, reply.error().detail};
  if (!reply->ok()) return Failed{client::exit_findings, client::in_words(*reply)};
  return std::nullopt;
}

struct Measured {
  std::vector<client::QueryScore> scores;
  std::vector<double> milliseconds;
  double passages_per_s = 0;
  double vectors_per_s = 0; // from the first passage sent to the last vector made; 0 without model
};

Outcome<std::vector<std::string>> ask(client::HttpClient& connection, const std::string& collection,
                                      const EvalOptions& options, const std::string& question) {
  json body{{"query", question}, {"limit", options.limit}};
  if (!options.mode.empty()) body["mode"] = options.mode;
  client::HttpCall call;
  call.method = "POST";
  call.target = client::collection_path(collection, "/query");
  call.content_type = "application/json";
  call.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  call.deadline = std::chrono::seconds(90);
  auto reply = connection.send(call);
  if (!reply) return tl::unexpected(Failed{client::exit_unreachable, reply.error().detail});
  if (!reply->ok()) return tl::unexpected(Failed{client::exit_findings, client::in_words(*reply)});
  auto parsed = json::parse(reply->body, nullptr, false);
  std::vector<std::string> ranked;
  if (parsed.is_object())
    for (const auto& result : parsed.value("results", json::array()))
      ranked.push_back(result.value("document_id", std::string{}));
  return ranked;
}

// Until every document has the vectors of the active encoder.
std::optional<Failed> wait_for_vectors(const client::ServerAddress& admin, std::size_t passages,
                                       client::ProgressStyle style) {
  auto connection = client::open_client(admin);
  if (!connection) return usage(connection.error().detail);
  client::Progress progress{style, "vectors", passages};
  client::HttpCall call;
  call.target = "/api/v1/admin/models";
  while (!client::interrupted()) {
    auto reply = connection->send(call);
    if (!reply) return Failed{client::exit_unreachable, reply.error().detail};
    auto body = json::parse(reply->body, nullptr, false);
    if (!reply->ok() || !body.is_object() || body["items"].empty())
      return Failed{client::exit_findings, client::in_words(*reply)};
    auto lacking = body["items"][0].value("documents_without_vectors", std::uint64_t{0});
    progress.update(passages - std::min<std::uint64_t>(lacking, passages));
    if (lacking == 0) return std::nullopt;
    ::poll(nullptr, 0, 200);
  }
  return Failed{client::exit_interrupted, "interrupted"};
}

Outcome<Measured> measure(const EvalOptions& options, const client::ServerAddress& server,
                          const client::ServerAddress& admin, const Set& set,
                          const std::string& collection) {
  auto connection = client::open_client(server);
  if (!connection) return tl::unexpected(usage(connection.error().detail));
  if (auto failed = make_collection(*connection, collection)) return tl::unexpected(*failed);

  Measured measured;
  const auto began = std::chrono::steady_clock::now();
  auto style = client::progress_style(options.json);
  {
    client::Progress progress{style, "passages", set.passages.size()};
    auto report = client::bulk_load(set.passages, {server, collection, options.connections},
                                    [&](std::uint64_t answered) { progress.update(answered); });
    if (!report.connection)
      return tl::unexpected(Failed{client::exit_unreachable, report.connection.error().detail});
    if (report.failed != 0)
      return tl::unexpected(Failed{client::exit_findings,
                                   std::to_string(report.failed) +
                                       " passages were refused, first: " + report.first_failure});
    measured.passages_per_s = static_cast<double>(report.ok) / std::max(1e-9, report.seconds);
  }
  if (!options.model.empty()) {
    if (auto failed = wait_for_vectors(admin, set.passages.size(), style))
      return tl::unexpected(*failed);
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    measured.vectors_per_s = static_cast<double>(set.passages.size()) / took.count();
  }
  client::Progress progress{style, "queries", set.questions.size()};
  for (const auto& question : set.questions) {
    if (client::interrupted())
      return tl::unexpected(Failed{client::exit_interrupted, "interrupted"});
    auto begin = std::chrono::steady_clock::now();
    auto ranked = ask(*connection, collection, options, question.text);
    if (!ranked) return tl::unexpected(ranked.error());
    std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    measured.milliseconds.push_back(took.count());
    measured.scores.push_back(client::score_query(*ranked, question.gold));
    progress.update(measured.scores.size());
  }
  return measured;
}

void print(const EvalOptions& options, const Measured& measured) {
  auto mean = client::mean_score(measured.scores);
  auto ms = [&](double q) { return client::quantile(measured.milliseconds, q); };
  auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  nlohmann::ordered_json out{
      {"queries", measured.scores.size()},
      {"recall@2", rounded(mean.recall_2)},
      {"recall@5", rounded(mean.recall_5)},
      {"recall@10", rounded(mean.recall_10)},
      {"all@5", rounded(mean.all_5)},
      {"ndcg@10", rounded(mean.ndcg_10)},
      {"mrr", rounded(mean.mrr)},
      {"ingest_passages_per_s", rounded(measured.passages_per_s)},
      {"query_ms",
       {{"p50", rounded(ms(0.5))}, {"p95", rounded(ms(0.95))}, {"p99", rounded(ms(0.99))}}}};
  if (measured.vectors_per_s > 0) out["vectors_per_s"] = rounded(measured.vectors_per_s);
  std::printf("%s\n", options.json ? out.dump().c_str() : out.dump(2).c_str());
}

// Question by question in their order, for comparisons of runs in pairs.
bool write_scores(const std::string& path, const Measured& measured) {
  std::ofstream out{path};
  for (const auto& score : measured.scores)
    out << json{{"recall@2", score.recall_2},
                {"recall@5", score.recall_5},
                {"recall@10", score.recall_10},
                {"ndcg@10", score.ndcg_10}}
               .dump()
        << '\n';
  return static_cast<bool>(out.flush());
}

// Loads, asks and scores; with a private server that ends, and whose data goes, with this call.
Outcome<Measured> run(const EvalOptions& options, const Set& set) {
  if (!options.url.empty()) {
    client::ServerAddress server{options.url, options.api_key};
    return measure(options, server, server, set, "eval");
  }
  auto folder = client::TemporaryFolder::make();
  if (!folder) return tl::unexpected(Failed{client::exit_findings, folder.error().detail});
  client::ServerProcessOptions start;
  start.data_dir = folder->path() / "data";
  start.log_file = folder->path() / "log";
  if (options.shards != 0) start.arguments = {"--shards", std::to_string(options.shards)};
  auto server = client::ServerProcess::start(start);
  auto log = [&] { // the last of it, since the folder goes away
    std::ifstream in{start.log_file};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    return text.substr(text.size() - std::min<std::size_t>(text.size(), 2000));
  };
  if (!server)
    return tl::unexpected(Failed{client::exit_unreachable, server.error().detail + "\n" + log()});
  if (!options.model.empty()) {
    ModelOptions model;
    model.admin.url = server->admin_url();
    model.target = options.model;
    model.quiet = true;
    if (auto code = model_add(model); code != client::exit_ok)
      return tl::unexpected(Failed{code, "the model was not added"});
  }
  auto measured = measure(options, {server->url(), ""}, {server->admin_url(), ""}, set, "eval");
  if (!measured && measured.error().exit_code != client::exit_interrupted)
    measured.error().text += "\n" + log();
  auto code = server->stop();
  if (measured && code != 0)
    return tl::unexpected(Failed{client::exit_findings, "the server ended with code " +
                                                            std::to_string(code) + "\n" + log()});
  return measured;
}

} // namespace

int eval(const EvalOptions& options) {
  auto set = read_set(options);
  auto measured = set ? run(options, *set) : Outcome<Measured>{tl::unexpected(set.error())};
  if (!measured) {
    std::fprintf(stderr, "%s\n", measured.error().text.c_str());
    return measured.error().exit_code;
  }
  print(options, *measured);
  if (!options.scores.empty() && !write_scores(options.scores, *measured)) {
    std::fprintf(stderr, "%s cannot be written\n", options.scores.c_str());
    return client::exit_findings;
  }
  return client::exit_ok;
}

} // namespace graphrag
