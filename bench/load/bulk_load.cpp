// Loads passages through _bulk, at full speed or at a rate, and checks every answer line.
#include <cstdio>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/load/passages.hpp"
#include "gateway/client/bulk.hpp"
#include "gateway/client/progress.hpp"

namespace graphrag::bench {
namespace {

struct Options {
  client::BulkOptions bulk;
  std::vector<std::string> files;
  unsigned copies = 1;
  std::size_t most = 0;
  bool json = false;
};

std::string line_of(const Passage& passage) {
  nlohmann::json out{{"id", passage.id}, {"text", passage.text}};
  if (!passage.title.empty()) out["title"] = passage.title;
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool create(const Options& options) {
  auto connection = client::open_client(options.bulk.server);
  if (!connection) return false;
  client::HttpCall call;
  call.method = "PUT";
  call.target = client::collection_path(options.bulk.collection);
  auto reply = connection->send(call);
  if (!reply || !reply->ok())
    std::fprintf(stderr, "%s\n",
                 reply ? client::in_words(*reply).c_str() : reply.error().detail.c_str());
  return reply && reply->ok();
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Loads JSON lines of passages into a running server"};
  app.add_option("--url", options.bulk.server.url)->envname("GRAPHRAG_URL")->capture_default_str();
  app.add_option("--collection", options.bulk.collection, "Is made when there is none")
      ->capture_default_str();
  app.add_option("FILE", options.files)->required()->check(CLI::ExistingFile);
  app.add_option("--connections", options.bulk.connections)
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--rate", options.bulk.rate, "Documents per second; 0 = as fast as they are taken")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--copies", options.copies, "Load everything so many times under different ids")
      ->capture_default_str();
  app.add_option("--most", options.most, "Stop after so many documents");
  app.add_flag("--json", options.json);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto passages = read_passages(options.files, options.copies, options.most);
  if (!passages) return 2;
  std::vector<std::string> lines;
  for (const auto& passage : *passages) lines.push_back(line_of(passage));
  passages->clear();
  if (!create(options)) return 3;
  client::Progress progress{client::progress_style(options.json), "documents", lines.size()};
  auto report =
      client::bulk_load(lines, options.bulk, [&](std::uint64_t n) { progress.update(n); });
  double rate = report.seconds > 0 ? static_cast<double>(report.ok) / report.seconds : 0;
  if (options.json)
    std::printf("%s\n", nlohmann::ordered_json{{"documents", lines.size()},
                                               {"ok", report.ok},
                                               {"failed", report.failed},
                                               {"seconds", report.seconds},
                                               {"docs_per_s", rate}}
                            .dump()
                            .c_str());
  else
    std::printf("%llu of %zu documents in %.2f s: %.0f docs/s; %llu failed\n",
                static_cast<unsigned long long>(report.ok), lines.size(), report.seconds, rate,
                static_cast<unsigned long long>(report.failed));
  if (!report.first_failure.empty())
    std::fprintf(stderr, "first failure: %s\n", report.first_failure.c_str());
  if (!report.connection) {
    std::fprintf(stderr, "%s\n", report.connection.error().detail.c_str());
    return 3;
  }
  return report.ok == lines.size() ? 0 : 1;
}

} // namespace
} // namespace graphrag::bench

int main(int argc, char** argv) { return graphrag::bench::run(argc, argv); }
