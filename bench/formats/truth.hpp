#pragma once
// What should be in the files of a folder, and how a run over them compares.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace graphrag::bench {

struct Expected {
  std::string outcome; // "ok" or the refusal's code
  std::string phrase;  // stands in the file; white space does not count
};
// By file name relative to the folder.
using Truth = std::map<std::string, Expected>;

// Lines of name, tab, outcome, tab, phrase; "#" begins a comment.
Truth read_truth(const std::filesystem::path& path);

std::vector<std::filesystem::path> files_under(const std::filesystem::path& root);
std::string read_file(const std::filesystem::path& path);

// Does the phrase stand in the text, whatever the white space?
bool holds(const std::string& text, const std::string& phrase);

struct Report {
  int files = 0, ok = 0;
  std::map<std::string, std::vector<double>> ms; // by format
  std::map<std::string, int> refusals;           // by code
  std::vector<std::string> failures;             // in words

  // Counts a file and compares its outcome. True: it was read as expected, and its phrase is to be
  // looked for.
  bool compare(const Truth& truth, const std::string& name, const std::string& outcome,
               const std::string& detail);
  void absent_files(const Truth& truth, const std::filesystem::path& root);
  void print(bool json) const;
};

} // namespace graphrag::bench
