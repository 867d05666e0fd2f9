#include "bench/formats/truth.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

namespace graphrag::bench {
namespace {

std::string squeeze(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  return out;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

} // namespace

Truth read_truth(const std::filesystem::path& path) {
  Truth truth;
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

std::vector<std::filesystem::path> files_under(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (entry.is_regular_file()) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool holds(const std::string& text, const std::string& phrase) {
  return squeeze(text).find(squeeze(phrase)) != std::string::npos;
}

bool Report::compare(const Truth& truth, const std::string& name, const std::string& outcome,
                     const std::string& detail) {
  ++files;
  if (outcome == "ok")
    ++ok;
  else
    ++refusals[outcome];
  const auto expected = truth.find(name);
  if (expected == truth.end())
    failures.push_back(name + ": not in the table, got " + outcome);
  else if (expected->second.outcome != outcome)
    failures.push_back(name + ": expected " + expected->second.outcome + ", got " + outcome +
                       (detail.empty() ? "" : " (" + detail + ")"));
  else
    return outcome == "ok";
  return false;
}

void Report::absent_files(const Truth& truth, const std::filesystem::path& root) {
  for (const auto& [name, entry] : truth)
    if (!std::filesystem::exists(root / name))
      failures.push_back(name + ": in the table, not in the folder");
}

void Report::print(bool json) const {
  if (json) {
    nlohmann::json out{
        {"files", files}, {"ok", ok}, {"refusals", refusals}, {"failures", failures}};
    for (const auto& [format, values] : ms)
      out["ms"][format] = {{"files", values.size()},
                           {"median", median(values)},
                           {"worst", *std::max_element(values.begin(), values.end())}};
    std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return;
  }
  std::printf("%d files, %d read, %zu failures\n", files, ok, failures.size());
  for (const auto& failure : failures) std::printf("FAIL %s\n", failure.c_str());
  for (const auto& [code, count] : refusals) std::printf("refused %-20s %d\n", code.c_str(), count);
  for (const auto& [format, values] : ms)
    std::printf("%-12s %3zu files  median %8.2f ms  worst %8.2f ms\n", format.c_str(),
                values.size(), median(values), *std::max_element(values.begin(), values.end()));
}

} // namespace graphrag::bench
