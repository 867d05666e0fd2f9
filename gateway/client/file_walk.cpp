#include "gateway/client/file_walk.hpp"

#include <algorithm>
#include <map>
#include <system_error>

#include "gateway/client/text.hpp"
#include "runtime/ids.hpp"

namespace graphrag::client {
namespace {

namespace fs = std::filesystem;

void add(FileWalk& walk, std::string id, const fs::path& path) {
  if (!runtime::valid_document_id(id))
    walk.problems.push_back(printable(path.string()) +
                            ": the name is no valid document id (UTF-8, at most 512 bytes)");
  else
    walk.files.push_back({std::move(id), path});
}

void walk_folder(FileWalk& walk, const fs::path& root, const fs::path& folder,
                 const std::string& prefix) {
  std::error_code error;
  fs::directory_iterator entries{folder, error};
  for (; !error && entries != fs::directory_iterator{}; entries.increment(error)) {
    const auto& path = entries->path();
    if (path.filename().string().starts_with('.')) continue;
    std::error_code ignored;
    if (entries->is_directory(ignored)) {
      if (!entries->is_symlink(ignored)) walk_folder(walk, root, path, prefix);
    } else if (entries->is_regular_file(ignored)) {
      add(walk, prefix + path.lexically_relative(root).generic_string(), path);
    }
  }
  if (error) walk.problems.push_back(printable(folder.string()) + ": " + error.message());
}

} // namespace

FileWalk find_files(const std::vector<std::string>& paths, const std::string& prefix) {
  FileWalk walk;
  for (const auto& given : paths) {
    fs::path path{given};
    std::error_code error;
    auto status = fs::status(path, error);
    if (fs::is_directory(status))
      walk_folder(walk, path, path, prefix);
    else if (fs::is_regular_file(status))
      add(walk, prefix + path.filename().string(), path);
    else
      walk.problems.push_back(printable(given) + ": " +
                              (error ? error.message() : std::string{"neither file nor folder"}));
  }
  std::stable_sort(walk.files.begin(), walk.files.end(),
                   [](const auto& a, const auto& b) { return a.id < b.id; });
  auto last = std::unique(walk.files.begin(), walk.files.end(), [&](const auto& a, const auto& b) {
    if (a.id != b.id) return false;
    walk.problems.push_back(printable(b.path.string()) + ": has the same id as " +
                            printable(a.path.string()));
    return true;
  });
  walk.files.erase(last, walk.files.end());
  return walk;
}

std::string mime_of(const fs::path& path) {
  static const std::map<std::string, std::string, std::less<>> types{
      {".txt", "text/plain"},
      {".md", "text/markdown"},
      {".markdown", "text/markdown"},
      {".html", "text/html"},
      {".htm", "text/html"},
      {".csv", "text/csv"},
      {".tsv", "text/tab-separated-values"},
      {".json", "application/json"},
      {".xml", "application/xml"},
      {".eml", "message/rfc822"},
      {".pdf", "application/pdf"},
      {".rtf", "application/rtf"},
      {".epub", "application/epub+zip"},
      {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
      {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {".odt", "application/vnd.oasis.opendocument.text"},
  };
  auto extension = path.extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  auto found = types.find(extension);
  return found == types.end() ? "application/octet-stream" : found->second;
}

} // namespace graphrag::client
