// format_check DIR TRUTH [--json] [--dump FILE]: parses every file under DIR and compares with a
// table of what is in them. A line of TRUTH: relative file name, tab, "ok" or the refusal's code,
// tab, a phrase that stands in the file (white space does not count). Exit 1 on any difference.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "actors/document/formats/parse.hpp"
#include "actors/document/formats/sniff.hpp"

namespace fs = std::filesystem;
namespace doc = graphrag::document;
namespace formats = graphrag::document::formats;

namespace {

struct Expected {
  std::string outcome, phrase;
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string squeeze(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  return out;
}

std::map<std::string, Expected> read_truth(const fs::path& path) {
  std::map<std::string, Expected> truth;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    if (first == line.npos) continue;
    auto& entry = truth[line.substr(0, first)];
    entry.outcome = line.substr(first + 1, second == line.npos ? second : second - first - 1);
    if (second != line.npos) entry.phrase = line.substr(second + 1);
  }
  return truth;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
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

} // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--dump") return dump(argv[2]);
  if (argc < 3) {
    std::fprintf(stderr,
                 "usage: format_check DIR TRUTH [--json]\n       format_check --dump FILE\n");
    return 2;
  }
  const fs::path root = argv[1];
  const auto truth = read_truth(argv[2]);
  const bool json = argc > 3 && std::string(argv[3]) == "--json";

  std::map<std::string, std::vector<double>> times;
  std::map<std::string, int> refusals;
  std::vector<std::string> failures;
  int files = 0, ok = 0;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    const auto name = fs::relative(path, root).string();
    const auto bytes = read_file(path);
    const auto began = std::chrono::steady_clock::now();
    const auto parsed = formats::parse(bytes, name, "");
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    ++files;
    ok += parsed.has_value();
    times[std::string(to_string(formats::sniff(bytes, name, "").format))].push_back(took.count());
    const std::string outcome = parsed ? "ok" : std::string(doc::to_string(parsed.error().code));
    if (!parsed) ++refusals[outcome];
    const auto expected = truth.find(name);
    if (expected == truth.end())
      failures.push_back(name + ": not in the table, got " + outcome);
    else if (expected->second.outcome != outcome)
      failures.push_back(name + ": expected " + expected->second.outcome + ", got " + outcome +
                         (parsed ? "" : " (" + parsed.error().detail + ")"));
    else if (parsed &&
             squeeze(parsed->text).find(squeeze(expected->second.phrase)) == std::string::npos)
      failures.push_back(name + ": phrase is missing: " + expected->second.phrase);
  }
  for (const auto& [name, entry] : truth)
    if (!fs::exists(root / name)) failures.push_back(name + ": in the table, not in the folder");

  nlohmann::json report{
      {"files", files}, {"ok", ok}, {"refusals", refusals}, {"failures", failures}};
  for (const auto& [format, values] : times)
    report["ms"][format] = {{"files", values.size()},
                            {"median", median(values)},
                            {"worst", *std::max_element(values.begin(), values.end())}};
  if (json) {
    std::printf("%s\n", report.dump(2).c_str());
  } else {
    std::printf("%d files, %d read, %zu failures\n", files, ok, failures.size());
    for (const auto& failure : failures) std::printf("FAIL %s\n", failure.c_str());
    for (const auto& [code, count] : refusals)
      std::printf("refused %-20s %d\n", code.c_str(), count);
    for (const auto& [format, values] : times)
      std::printf("%-12s %3zu files  median %8.2f ms  worst %8.2f ms\n", format.c_str(),
                  values.size(), median(values), *std::max_element(values.begin(), values.end()));
  }
  return failures.empty() ? 0 : 1;
}
