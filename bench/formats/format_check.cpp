// format_check DIR TRUTH [--json] [--url URL]: reads every file under DIR, in this process or by
// sending it to a server, and compares with a table of what is in them (truth.hpp). Exit 1 on any
// difference, 3 when there is no server. format_check --dump FILE shows what is read.
#include <chrono>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "actors/document/formats/parse.hpp"
#include "actors/document/formats/sniff.hpp"
#include "bench/formats/http_check.hpp"
#include "bench/formats/truth.hpp"
#include "gateway/client/api.hpp"

namespace graphrag::bench {
namespace {

namespace fs = std::filesystem;
namespace doc = graphrag::document;
namespace formats = graphrag::document::formats;

void check_here(const fs::path& root, const Truth& truth, Report& report) {
  for (const auto& path : files_under(root)) {
    const auto name = fs::relative(path, root).string();
    const auto bytes = read_file(path);
    const auto began = std::chrono::steady_clock::now();
    const auto parsed = formats::parse(bytes, name, "");
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    const auto format = formats::to_string(formats::sniff(bytes, name, "").format);
    report.ms[std::string(format)].push_back(took.count());
    const auto outcome = parsed ? "ok" : std::string(doc::to_string(parsed.error().code));
    const auto detail = parsed ? "" : parsed.error().detail;
    if (report.compare(truth, name, outcome, detail) && !holds(parsed->text, truth.at(name).phrase))
      report.failures.push_back(name + ": phrase is missing: " + truth.at(name).phrase);
  }
}

int dump(const fs::path& file) {
  const auto parsed = formats::parse(read_file(file), file.filename().string(), "");
  if (!parsed) {
    std::printf("%s: %s\n", std::string(doc::to_string(parsed.error().code)).c_str(),
                parsed.error().detail.c_str());
    return 1;
  }
  std::printf("mime %s, pages %u, title \"%s\"\n", parsed->mime.c_str(), parsed->pages,
              parsed->title.c_str());
  for (const auto& [name, value] : parsed->properties)
    std::printf("%s = %s\n", name.c_str(), value.c_str());
  constexpr const char* kinds[] = {"heading",   "paragraph", "list_item",
                                   "table_row", "code",      "caption"};
  for (const auto& block : parsed->blocks)
    std::printf("[%s %u p%u] %s\n", kinds[static_cast<int>(block.kind)], block.level, block.page,
                parsed->text.substr(block.start, block.end - block.start).c_str());
  return 0;
}

int run(int argc, char** argv) {
  std::string root, table, url, file;
  bool json = false;
  CLI::App app{"Compares what is read from files with what is known to be in them"};
  app.add_option("DIR", root)->check(CLI::ExistingDirectory);
  app.add_option("TRUTH", table)->check(CLI::ExistingFile);
  app.add_option("--url", url, "Send the files to this server instead of reading them here");
  app.add_option("--dump", file, "Only show what is read from this file")->check(CLI::ExistingFile);
  app.add_flag("--json", json);
  try {
    app.parse(argc, argv);
    if (file.empty() && table.empty()) throw CLI::RequiredError("DIR and TRUTH, or --dump FILE");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? client::exit_ok : client::exit_usage;
  }
  if (!file.empty()) return dump(file);
  const auto truth = read_truth(table);
  Report report;
  if (url.empty())
    check_here(root, truth, report);
  else if (!check_over_http(url, root, truth, report))
    return client::exit_unreachable;
  report.absent_files(truth, root);
  report.print(json);
  return report.failures.empty() ? client::exit_ok : client::exit_findings;
}

} // namespace
} // namespace graphrag::bench

int main(int argc, char** argv) { return graphrag::bench::run(argc, argv); }
