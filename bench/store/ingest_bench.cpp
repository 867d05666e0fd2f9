// Ingest over HTTP beside SQLite: a server on SQLite and a cluster of one on PostgreSQL, both
// started here, are given the same documents in turn: by _bulk, and by single PUTs of 1, 8 and 32
// callers that wait until each is searchable. Medians over rounds; the ratio is taken round by
// round, since what a round's two runs share is the mood of the machine.
//
//   ingest_bench FILE... [--bulk 2000] [--singles 300] [--rounds 5] [--connections 2]
//                [--statements]
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/load/passages.hpp"
#include "bench/store/measured_server.hpp"
#include "gateway/client/bulk.hpp"

namespace graphrag::bench {
namespace {

struct Options {
  std::vector<std::string> files;
  std::size_t bulk = 2000, singles = 300;
  unsigned rounds = 5, connections = 2;
  bool statements = false;
};

struct Load {
  std::string name;
  std::size_t documents = 0;
  unsigned callers = 0; // 0: one _bulk
};

struct Run {
  double rate = 0, server_cpu_ms = 0, database_cpu_ms = 0; // a document
  double commit_ms = 0, operations = 0;                    // a commit
};

std::string json_of(const Passage& passage, const std::string& id) {
  nlohmann::json out{{"id", id}, {"text", passage.text}};
  if (!passage.title.empty()) out["title"] = passage.title;
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> lines_of(const std::vector<Passage>& passages, const Load& load,
                                  std::size_t first, const std::string& prefix) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < load.documents; ++i)
    lines.push_back(
        json_of(passages[(first + i) % passages.size()], prefix + "-" + std::to_string(i)));
  return lines;
}

bool put_all(const std::string& url, const std::vector<std::string>& lines,
             const std::string& prefix, unsigned callers) {
  std::atomic<std::size_t> next{0}, failed{0};
  std::vector<std::jthread> threads;
  for (unsigned caller = 0; caller < callers; ++caller)
    threads.emplace_back([&] {
      auto client = client::open_client({url, ""});
      for (std::size_t i = 0; client && (i = next++) < lines.size();) {
        client::HttpCall call;
        call.method = "PUT";
        call.target = "/api/v1/documents/" + prefix + "-" + std::to_string(i);
        call.content_type = "application/json";
        call.body = lines[i];
        auto reply = client->send(call);
        if (reply && reply->ok()) continue;
        if (failed++ == 0)
          std::fprintf(stderr, "a PUT failed: %s\n",
                       reply ? client::in_words(*reply).c_str() : reply.error().detail.c_str());
      }
      if (!client) ++failed;
    });
  threads.clear();
  return failed == 0;
}

bool bulk_all(const std::string& url, const std::vector<std::string>& lines, unsigned connections) {
  client::BulkOptions options;
  options.server.url = url;
  options.connections = connections;
  auto report = client::bulk_load(lines, options, {});
  if (report.ok == lines.size()) return true;
  std::fprintf(stderr, "_bulk took %llu of %zu documents: %s\n",
               static_cast<unsigned long long>(report.ok), lines.size(),
               report.first_failure.c_str());
  return false;
}

std::optional<Run> run_once(const MeasuredServer& server, const Load& load,
                            const std::vector<std::string>& lines, const std::string& prefix,
                            unsigned connections) {
  auto cpu = server.cpu();
  auto commits = server.commits();
  auto begin = std::chrono::steady_clock::now();
  bool ok = load.callers == 0 ? bulk_all(server.url(), lines, connections)
                              : put_all(server.url(), lines, prefix, load.callers);
  if (!ok) return std::nullopt;
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  auto cpu_after = server.cpu();
  auto commits_after = server.commits();
  auto documents = static_cast<double>(load.documents);
  auto count = std::max(1.0, commits_after.count - commits.count);
  return Run{documents / time.count(), (cpu_after.server - cpu.server) / documents * 1e3,
             (cpu_after.database - cpu.database) / documents * 1e3,
             (commits_after.seconds - commits.seconds) / count * 1e3,
             (commits_after.operations - commits.operations) / count};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double median_of(const std::vector<Run>& runs, double Run::*what) {
  std::vector<double> values;
  for (const auto& run : runs) values.push_back(run.*what);
  return median(std::move(values));
}

void print(const Load& load, const MeasuredServer* servers[2], const std::vector<Run> runs[2]) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < runs[0].size(); ++i)
    ratios.push_back(runs[1][i].rate / runs[0][i].rate);
  for (int which : {0, 1})
    std::printf("%-16s %-10s %7.0f documents/s   CPU ms a document: server %5.2f, database %5.2f   "
                "a commit %6.2f ms, %5.1f operations\n",
                which == 0 ? load.name.c_str() : "", servers[which]->name(),
                median_of(runs[which], &Run::rate), median_of(runs[which], &Run::server_cpu_ms),
                median_of(runs[which], &Run::database_cpu_ms),
                median_of(runs[which], &Run::commit_ms), median_of(runs[which], &Run::operations));
  std::printf("%-16s ratio %.2f (%.2f to %.2f)\n", "", median(ratios),
              *std::ranges::min_element(ratios), *std::ranges::max_element(ratios));
  std::fflush(stdout);
}

int measure(const Options& options, const std::vector<Passage>& passages) {
  using Kind = MeasuredServer::Kind;
  MeasuredServer sqlite(Kind::sqlite),
      postgres(options.statements ? Kind::postgres_counting : Kind::postgres);
  const MeasuredServer* servers[2] = {&sqlite, &postgres};
  std::vector<Load> loads;
  if (options.bulk > 0) loads.push_back({"_bulk", options.bulk, 0});
  if (options.singles > 0) {
    loads.push_back({"PUT, 1 caller", options.singles, 1});
    loads.push_back({"PUT, 8 callers", options.singles * 3, 8});
    loads.push_back({"PUT, 32 callers", options.singles * 3, 32});
  }
  std::size_t at = 0;
  for (const auto& load : loads) {
    std::vector<Run> runs[2];
    postgres.forget_statements();
    for (unsigned round = 0; round <= options.rounds; ++round, at += load.documents) {
      auto prefix = "c" + std::to_string(load.callers) + "r" + std::to_string(round);
      auto lines = lines_of(passages, load, at, prefix);
      for (unsigned turn : {0U, 1U}) { // who is first changes from round to round
        auto which = (turn + round) % 2;
        auto run = run_once(*servers[which], load, lines, prefix, options.connections);
        if (!run) return 1;
        if (round > 0) runs[which].push_back(*run); // the first one warms up
      }
    }
    print(load, servers, runs);
    std::fputs(postgres.statements().c_str(), stdout);
  }
  return 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Compares ingest over HTTP into SQLite and PostgreSQL"};
  app.add_option("FILE", options.files, "JSON lines of passages")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--bulk", options.bulk, "Documents of one _bulk; 0 = none")->capture_default_str();
  app.add_option("--singles", options.singles, "PUTs by one caller, a third of those by many")
      ->capture_default_str();
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--connections", options.connections, "Of one _bulk")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_flag("--statements", options.statements,
               "Shows what the database spent its time on; counting costs it some");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto passages = read_passages(options.files);
  if (!passages || passages->empty()) return 2;
  return measure(options, *passages);
}

} // namespace
} // namespace graphrag::bench

int main(int argc, char** argv) { return graphrag::bench::run(argc, argv); }
