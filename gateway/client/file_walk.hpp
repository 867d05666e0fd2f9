#pragma once
// Finds the files of an ingest and the document ids that they get.
#include <filesystem>
#include <string>
#include <vector>

namespace graphrag::client {

struct FoundFile {
  std::string id; // path relative to the folder that was given, with '/', after the prefix
  std::filesystem::path path;
};

struct FileWalk {
  std::vector<FoundFile> files;      // sorted by id, each id once
  std::vector<std::string> problems; // unreadable folders, names that are no UTF-8, equal ids
};

// A folder gives all regular files under it, a file gives itself under its name. Names that begin
// with '.' are left out below a folder; links to folders are not followed (they could be loops).
FileWalk find_files(const std::vector<std::string>& paths, const std::string& prefix);

// By its name; "application/octet-stream" when the name says nothing.
std::string mime_of(const std::filesystem::path& path);

} // namespace graphrag::client
