#include <cstdio>
#include <filesystem>

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "gateway/client/api.hpp"
#include "gateway/main/offline.hpp"
#include "gateway/main/offline_folder.hpp"
#include "runtime/data_dir.hpp"
#include "runtime/store/files.hpp"
#include "runtime/store/store.hpp"

namespace graphrag {
namespace {

namespace files = runtime::files;
namespace fs = std::filesystem;
using nlohmann::json;

int say(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  return 1;
}

// A path that backup() writes below blobs/: hex digits and single slashes, nothing to climb out
// with.
bool is_blob_path(const std::string& name) {
  return !name.empty() && name.size() <= 160 &&
         name.find_first_not_of("0123456789abcdef/") == std::string::npos && name.front() != '/' &&
         name.find("//") == std::string::npos;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(fs::symlink_status(path, error));
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
  ::umask(077); // every text is in it
  fs::create_directories(target / "blobs", error);
  if (error) return say(options.folder + ": " + error.message());

  auto store = runtime::open_sqlite_store({(*dir)->file("graphrag.db"), 2, 0});
  if (!store) return say(store.error().detail);
  if (auto copied = (*store)->backup_to(target / "graphrag.db"); !copied)
    return say(copied.error().detail);
  auto digest = files::digest_of(target / "graphrag.db");
  if (!digest) return say(digest.error().detail);
  const auto store_bytes = digest->bytes;
  json manifest{{"format", 1}, {"store", digest->hash}, {"blobs", json::object()}};
  std::size_t count = 0;
  fs::path folder = (*dir)->file("blobs");
  // It is made with the first original file. A link that leads nowhere is there, and cannot be
  // listed.
  if (std::error_code none; fs::symlink_status(folder, none).type() != fs::file_type::not_found)
    for (auto it = fs::recursive_directory_iterator(folder, error);
         !error && it != fs::recursive_directory_iterator{}; it.increment(error)) {
      auto relative = it->path().lexically_relative(folder).generic_string();
      if (!is_file(it->path()) || !is_blob_path(relative)) continue;
      fs::create_directories((target / "blobs" / relative).parent_path(), error);
      if (digest = files::copy(it->path(), target / "blobs" / relative); !digest)
        return say(digest.error().detail);
      manifest["blobs"][relative] = digest->hash;
      ++count;
    }
  if (error) return say("blobs cannot be listed: " + error.message());
  // The manifest comes last, so that a backup that was cut short has none, and when all it names is
  // on the disk.
  if (auto synced = files::sync_file_system(target); !synced) return say(synced.error().detail);
  if (auto written = files::write_synced(target / "manifest.json", manifest.dump()); !written)
    return say(written.error().detail);
  if (auto synced = files::sync_folder(target); !synced) return say(synced.error().detail);
  print(options.json, {{"blobs", count}, {"store_bytes", store_bytes}},
        "backup complete: " + std::to_string(count) + " files and the store");
  return 0;
}

int restore(const CopyOptions& options) {
  fs::path source = options.folder;
  const auto text = files::read_all(source / "manifest.json");
  if (!text || text->empty()) {
    say("'" + options.folder + "' holds no complete backup: there is no manifest.json in it");
    return client::exit_usage;
  }
  auto manifest = json::parse(*text, nullptr, false);
  if (!manifest.is_object() || manifest["format"] != 1 || !manifest["blobs"].is_object())
    return say("the manifest is of another version or damaged");
  const auto is_whole = [](const fs::path& path, const json& hash) {
    if (!is_file(path)) return false;
    const auto digest = files::digest_of(path);
    return digest && hash == digest->hash;
  };
  if (!is_whole(source / "graphrag.db", manifest["store"]))
    return say("the store in the backup is damaged");
  for (const auto& [key, hash] : manifest["blobs"].items()) {
    if (!is_blob_path(key)) return say("the manifest names a bad file");
    if (!is_whole(source / "blobs" / key, hash))
      return say("blob " + key + " in the backup is damaged");
  }

  std::error_code error;
  // With a log that is left of another store SQLite would go on where that one ended.
  for (const char* name :
       {"graphrag.db", "graphrag.db-wal", "graphrag.db-shm", "graphrag.db-journal"})
    if (fs::exists(fs::path{options.data_dir} / name, error))
      return say(options.data_dir + " already holds data: " + name);
  ::umask(077); // as serve() makes them
  auto dir = runtime::DataDir::open(options.data_dir);
  if (!dir) return say(dir.error().detail);
  if (auto begun = files::copy(source / "manifest.json", (*dir)->file(restoring_store)); !begun)
    return say(begun.error().detail);
  for (const auto& [path, hash] : manifest["blobs"].items()) {
    auto target = fs::path{(*dir)->file("blobs")} / path;
    fs::create_directories(target.parent_path(), error);
    const auto copied = files::copy(source / "blobs" / path, target);
    if (!copied) return say(copied.error().detail);
    if (hash != copied->hash) return say("the backup was changed meanwhile");
  }
  // The store comes last and by one rename: until then the folder holds no data.
  const auto store = (*dir)->file("graphrag.db");
  const auto half = (*dir)->file(restoring_store);
  const auto copied = files::copy(source / "graphrag.db", half);
  if (!copied) return say(copied.error().detail);
  if (manifest["store"] != copied->hash) return say("the backup was changed meanwhile");
  if (auto synced = files::sync_file_system(options.data_dir); !synced)
    return say(synced.error().detail);
  if (auto named = files::rename(half, store); !named) return say(named.error().detail);
  if (auto synced = files::sync_folder(options.data_dir); !synced)
    return say(synced.error().detail);
  print(options.json, {{"blobs", manifest["blobs"].size()}, {"store_bytes", copied->bytes}},
        "restored: " + std::to_string(manifest["blobs"].size()) + " files and the store");
  return 0;
}

} // namespace graphrag
