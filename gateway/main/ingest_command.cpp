#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "gateway/client/interrupt.hpp"
#include "gateway/client/progress.hpp"
#include "gateway/client/text.hpp"
#include "gateway/client/uploader.hpp"
#include "gateway/main/commands.hpp"

namespace graphrag {
namespace {

using client::Fate;
using client::printable;
using client::UploadOutcome;
using nlohmann::json;

struct Failed { // why the command ends early
  int exit_code;
  std::string text;
};

struct Summary {
  std::uint64_t stored = 0, unchanged = 0, deleted = 0, bytes = 0;
  std::vector<UploadOutcome> failures;
  double seconds = 0;
  void add(const UploadOutcome& outcome) {
    bytes += outcome.bytes;
    if (outcome.fate == Fate::failed)
      failures.push_back(outcome);
    else
      ++(outcome.fate == Fate::stored ? stored : unchanged);
  }
};

std::optional<Failed> create_collection(client::HttpClient& connection, const std::string& name) {
  client::HttpCall call;
  call.method = "PUT";
  call.target = client::collection_path(name);
  auto reply = connection.send(call);
  if (!reply) return Failed{client::exit_unreachable, reply.error().detail};
  if (!reply->ok()) return Failed{client::exit_findings, client::in_words(*reply)};
  return std::nullopt;
}

// Removes what the server has under the prefix and the folders have no longer.
std::optional<Failed> delete_vanished(client::HttpClient& connection, const IngestOptions& options,
                                      const std::map<std::string, std::uint64_t>& known,
                                      const std::vector<client::FoundFile>& files,
                                      Summary& summary) {
  for (const auto& [id, version] : known) {
    auto at =
        std::lower_bound(files.begin(), files.end(), id,
                         [](const auto& file, const auto& wanted) { return file.id < wanted; });
    if (at != files.end() && at->id == id) continue;
    client::HttpCall call;
    call.method = "DELETE";
    call.target = client::document_path(options.collection, id);
    auto reply = connection.send(call);
    if (!reply) return Failed{client::exit_unreachable, reply.error().detail};
    if (reply->ok())
      ++summary.deleted;
    else if (reply->status != 404)
      summary.failures.push_back(
          {id, Fate::failed, reply->status, client::problem_of(*reply).code, "not deleted", 0});
  }
  return std::nullopt;
}

void print(const IngestOptions& options, Summary& summary) {
  std::sort(summary.failures.begin(), summary.failures.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  auto documents = summary.stored + summary.unchanged;
  if (options.json) {
    auto failures = json::array();
    for (const auto& f : summary.failures)
      failures.push_back(
          {{"id", f.id}, {"status", f.status}, {"code", f.code}, {"detail", printable(f.detail)}});
    json out{{"collection", options.collection},
             {"documents", documents},
             {"stored", summary.stored},
             {"unchanged", summary.unchanged},
             {"deleted", summary.deleted},
             {"failed", summary.failures.size()},
             {"bytes", summary.bytes},
             {"seconds", summary.seconds},
             {"failures", failures}};
    std::printf("%s\n", out.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
    return;
  }
  if (!summary.failures.empty()) {
    std::size_t widest = 8, code = 4;
    for (const auto& f : summary.failures) {
      widest = std::max(widest, client::columns_of(printable(f.id)));
      code = std::max(code, f.code.size());
    }
    widest = std::min<std::size_t>(widest, 60);
    auto row = [&](std::string_view id, std::string_view what, std::string_view detail) {
      std::printf("%s  %s  %s\n", client::padded(printable(id), widest).c_str(),
                  client::padded(what, code).c_str(), printable(detail).c_str());
    };
    row("document", "code", "detail");
    for (const auto& f : summary.failures) row(f.id, f.code, f.detail);
  }
  std::printf(
      "%llu documents in '%s' (%llu stored, %llu unchanged), %llu deleted, %zu failed, %s in %s\n",
      static_cast<unsigned long long>(documents), options.collection.c_str(),
      static_cast<unsigned long long>(summary.stored),
      static_cast<unsigned long long>(summary.unchanged),
      static_cast<unsigned long long>(summary.deleted), summary.failures.size(),
      client::human_bytes(static_cast<double>(summary.bytes)).c_str(),
      client::human_seconds(summary.seconds).c_str());
}

tl::expected<Summary, Failed> run(const IngestOptions& options, const client::FileWalk& walk) {
  auto connection = client::open_client(options.server);
  if (!connection) return tl::unexpected(Failed{client::exit_usage, connection.error().detail});
  if (options.create)
    if (auto failed = create_collection(*connection, options.collection))
      return tl::unexpected(*failed);
  auto known = client::list_versions(*connection, options.collection, options.prefix);
  if (!known) {
    auto text = known.error().text;
    if (text.starts_with("404"))
      text = "there is no collection '" + options.collection + "' (--create makes it)";
    return tl::unexpected(Failed{known.error().exit_code, text});
  }

  client::UploadOptions upload;
  upload.server = options.server;
  upload.collection = options.collection;
  upload.in_flight = options.in_flight;
  upload.known = *known;
  upload.stop = &client::interrupted();
  Summary summary;
  auto begin = std::chrono::steady_clock::now();
  {
    client::Progress progress{client::progress_style(options.json), "documents", walk.files.size()};
    upload.say = [&](const std::string& text) {
      options.json ? static_cast<void>(std::fprintf(stderr, "%s\n", text.c_str()))
                   : progress.line(text);
    };
    std::uint64_t done = 0;
    auto report = client::upload_files(walk.files, upload, [&](const UploadOutcome& outcome) {
      summary.add(outcome);
      progress.update(++done, std::to_string(summary.failures.size()) + " failed");
    });
    if (report.unreachable) return tl::unexpected(Failed{client::exit_unreachable, report.reason});
  }
  if (client::interrupted())
    return tl::unexpected(
        Failed{client::exit_interrupted, "interrupted; the same command goes on where it stopped"});
  if (options.sync)
    if (auto failed = delete_vanished(*connection, options, *known, walk.files, summary))
      return tl::unexpected(*failed);
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

} // namespace

int ingest(const IngestOptions& options) {
  auto is_folder = [](const std::string& path) { return std::filesystem::is_directory(path); };
  if (options.sync && !std::all_of(options.paths.begin(), options.paths.end(), is_folder)) {
    std::fprintf(stderr, "--sync compares the collection with folders: give folders only\n");
    return client::exit_usage;
  }
  auto walk = client::find_files(options.paths, options.prefix);
  for (const auto& problem : walk.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  if (options.sync && (walk.files.empty() || !walk.problems.empty())) {
    // What could not be read must not look as if it had vanished.
    std::fprintf(stderr, "--sync deletes nothing unless every path can be read and holds files\n");
    return client::exit_findings;
  }
  if (walk.files.empty()) {
    std::fprintf(stderr, "no files to ingest\n");
    return walk.problems.empty() ? client::exit_ok : client::exit_usage;
  }
  auto summary = run(options, walk);
  if (!summary) {
    std::fprintf(stderr, "%s\n", summary.error().text.c_str());
    return summary.error().exit_code;
  }
  print(options, *summary);
  return summary->failures.empty() && walk.problems.empty() ? client::exit_ok
                                                            : client::exit_findings;
}

} // namespace graphrag
