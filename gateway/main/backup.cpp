#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "gateway/client/api.hpp"
#include "gateway/main/offline.hpp"
#include "gateway/main/offline_folder.hpp"
#include "runtime/content_hash.hpp"
#include "runtime/data_dir.hpp"
#include "runtime/store/store.hpp"

namespace graphrag {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

int say(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  return 1;
}

bool read_file(const fs::path& path, std::string& out) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream bytes;
  bytes << in.rdbuf();
  out = bytes.str();
  return in.good() || in.eof();
}

bool write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.flush();
  return out.good();
}

// A path that backup() writes below blobs/: hex digits and single slashes, nothing to climb out
// with.
bool is_blob_path(const std::string& name) {
  return !name.empty() && name.size() <= 160 &&
         name.find_first_not_of("0123456789abcdef/") == std::string::npos && name.front() != '/' &&
         name.find("//") == std::string::npos;
}

void print(bool as_json, const json& summary, const std::string& line) {
  std::printf("%s\n", as_json ? summary.dump().c_str() : line.c_str());
}

} // namespace

int backup(const CopyOptions& options) {
  auto dir = open_with_store(options.data_dir);
  if (!dir) return refuse(dir.error());
  fs::path target = options.folder;
  std::error_code error;
  if (fs::exists(target, error) && !fs::is_empty(target, error))
    return say(options.folder + " is not empty");
  fs::create_directories(target / "blobs", error);
  if (error) return say(options.folder + ": " + error.message());

  auto store = runtime::open_sqlite_store({(*dir)->file("graphrag.db"), 2, 0});
  if (!store) return say(store.error().detail);
  if (auto copied = (*store)->backup_to(target / "graphrag.db"); !copied)
    return say(copied.error().detail);
  std::string bytes;
  if (!read_file(target / "graphrag.db", bytes))
    return say("the copy of the store cannot be read back");
  json manifest{{"format", 1}, {"store", runtime::content_hash(bytes)}, {"blobs", json::object()}};
  std::size_t files = 0;
  fs::path folder = (*dir)->file("blobs");
  for (auto it = fs::recursive_directory_iterator(folder, error);
       !error && it != fs::recursive_directory_iterator{}; it.increment(error)) {
    auto relative = fs::relative(it->path(), folder).generic_string();
    if (!fs::is_regular_file(it->symlink_status()) || !is_blob_path(relative)) continue;
    std::string content;
    fs::create_directories((target / "blobs" / relative).parent_path());
    if (!read_file(it->path(), content) || !write_file(target / "blobs" / relative, content))
      return say("blob " + relative + " cannot be copied");
    manifest["blobs"][relative] = runtime::content_hash(content);
    ++files;
  }
  // Last, so that a backup that was cut short has none.
  if (!write_file(target / "manifest.json", manifest.dump()))
    return say("no space for the manifest");
  print(options.json, {{"blobs", files}, {"store_bytes", bytes.size()}},
        "backup complete: " + std::to_string(files) + " files and the store");
  return 0;
}

int restore(const CopyOptions& options) {
  fs::path source = options.folder;
  std::string text, bytes;
  if (!read_file(source / "manifest.json", text) || text.empty()) {
    say("'" + options.folder + "' holds no complete backup: there is no manifest.json in it");
    return client::exit_usage;
  }
  auto manifest = json::parse(text, nullptr, false);
  if (!manifest.is_object() || manifest.value("format", 0) != 1 || !manifest["blobs"].is_object())
    return say("the manifest is of another version or damaged");
  if (!fs::is_regular_file(fs::symlink_status(source / "graphrag.db")) ||
      !read_file(source / "graphrag.db", bytes) ||
      runtime::content_hash(bytes) != manifest.value("store", ""))
    return say("the store in the backup is damaged");
  for (const auto& [key, hash] : manifest["blobs"].items()) {
    if (!is_blob_path(key) || !fs::is_regular_file(fs::symlink_status(source / "blobs" / key)))
      return say("the manifest names a bad file");
    std::string content;
    if (!read_file(source / "blobs" / key, content) || runtime::content_hash(content) != hash)
      return say("blob " + key + " in the backup is damaged");
  }

  std::error_code error;
  if (fs::exists(fs::path{options.data_dir} / "graphrag.db", error))
    return say(options.data_dir + " already holds data");
  ::umask(077); // as serve() makes them
  auto dir = runtime::DataDir::open(options.data_dir);
  if (!dir) return say(dir.error().detail);
  for (const auto& [path, hash] : manifest["blobs"].items()) {
    std::string content;
    auto target = fs::path{(*dir)->file("blobs")} / path;
    fs::create_directories(target.parent_path(), error);
    if (!read_file(source / "blobs" / path, content) || !write_file(target, content))
      return say("no space for blob " + path);
  }
  if (!write_file((*dir)->file("graphrag.db"), bytes)) return say("no space for the store");
  print(options.json, {{"blobs", manifest["blobs"].size()}, {"store_bytes", bytes.size()}},
        "restored: " + std::to_string(manifest["blobs"].size()) + " files and the store");
  return 0;
}

} // namespace graphrag
