#include <cerrno>
#include <filesystem>
#include <mutex>
#include <unistd.h>
#include <unordered_set>

#include "runtime/disk_space.hpp"
#include "runtime/store/blob.hpp"
#include "runtime/store/blobs/blob_key.hpp"
#include "runtime/store/files.hpp"

namespace graphrag::runtime {
namespace {

namespace fs = std::filesystem;

// folder/ab/c/abcd...    a blob, named by its key
// folder/tmp/abcd...     a blob being written; what a crash leaves here, sweep removes
class FolderBlobs final : public BlobStore {
public:
  FolderBlobs(std::string folder, std::shared_ptr<DiskSpace> space)
      : folder_(std::move(folder)), space_(std::move(space)) {}

  Result<std::string> put(std::string_view bytes) override {
    auto key = make_blob_key(bytes);
    if (auto ok = write(key, bytes); !ok) return tl::unexpected(ok.error());
    return key;
  }

  Status put_as(std::string_view key, std::string_view bytes) override {
    if (auto ok = check_blob_key(key, bytes); !ok) return ok;
    return write(std::string(key), bytes);
  }

  Result<std::string> get(std::string_view key) override {
    if (!valid_blob_key(key)) return fail(Errc::not_found, "no such blob");
    auto bytes = files::read_all(path_of(key));
    if (!bytes) return bytes;
    if (!blob_matches_key(key, *bytes))
      return fail(Errc::corrupt, "the blob's bytes do not match its key");
    return bytes;
  }

  Status remove(std::string_view key) override {
    if (!valid_blob_key(key)) return {};
    auto path = path_of(key);
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return tl::unexpected(files::error_of(errno, "remove", path));
  }

  Result<std::vector<std::string>> list() override {
    std::vector<std::string> keys;
    auto ok = each_file([&](const fs::path& path, bool temporary) {
      if (!temporary) keys.push_back(path.filename().string());
    });
    if (!ok) return tl::unexpected(ok.error());
    return keys;
  }

  Result<std::size_t> sweep(std::chrono::seconds min_age,
                            const std::function<bool(const std::string&)>& named) override {
    std::size_t removed = 0;
    auto newest = fs::file_time_type::clock::now() - min_age;
    auto ok = each_file([&](const fs::path& path, bool temporary) {
      std::error_code error;
      auto written = fs::last_write_time(path, error);
      if (error || written > newest) return; // gone meanwhile, or too young
      if (!temporary && named(path.filename().string())) return;
      if (fs::remove(path, error)) ++removed;
    });
    if (!ok) return tl::unexpected(ok.error());
    return removed;
  }

private:
  std::string path_of(std::string_view key) const {
    std::string path = folder_ + "/";
    path.append(key.substr(0, 2)).append("/").append(key.substr(2, 1)).append("/").append(key);
    return path;
  }

  Status write(const std::string& key, std::string_view bytes) {
    if (space_)
      if (auto room = space_->room_for(bytes.size()); !room) return room;
    auto temporary = folder_ + "/tmp/" + key;
    if (auto ok = files::write_synced(temporary, bytes); !ok) return ok;
    auto ok = publish(temporary, key);
    if (!ok) ::unlink(temporary.c_str());
    return ok;
  }

  // The name appears only once the bytes are on the disk, and is on the disk when this returns.
  Status publish(const std::string& temporary, const std::string& key) {
    auto outer = folder_ + "/" + key.substr(0, 2);
    if (auto ok = make_once(folder_, key.substr(0, 2)); !ok) return ok;
    if (auto ok = make_once(outer, key.substr(2, 1)); !ok) return ok;
    if (auto ok = files::rename(temporary, path_of(key)); !ok) return ok;
    return files::sync_folder(outer + "/" + key.substr(2, 1));
  }

  // A folder found on the disk may be one whose name a killed process had not synced yet, so each
  // is synced once by this process.
  Status make_once(const std::string& parent, const std::string& name) {
    auto path = parent + "/" + name;
    std::lock_guard lock(mutex_);
    if (synced_.contains(path)) return {};
    if (auto ok = files::make_folder(parent, name); !ok) return ok;
    synced_.insert(std::move(path));
    return {};
  }

  Status each_file(const std::function<void(const fs::path&, bool temporary)>& each) const {
    std::error_code error;
    fs::recursive_directory_iterator walk(folder_, error), end;
    while (!error && walk != end) {
      bool temporary = walk->path().parent_path().filename() == "tmp";
      bool ours = temporary || valid_blob_key(walk->path().filename().string());
      if (ours && walk->is_regular_file(error) && !error) each(walk->path(), temporary);
      error.clear();
      walk.increment(error);
    }
    if (error) return fail(Errc::io, "walk " + folder_ + ": " + error.message());
    return {};
  }

  std::string folder_;
  std::shared_ptr<DiskSpace> space_;
  std::mutex mutex_;
  std::unordered_set<std::string> synced_;
};

} // namespace

Result<std::unique_ptr<BlobStore>> open_folder_blobs(const std::string& folder,
                                                     std::shared_ptr<DiskSpace> space) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return tl::unexpected(files::error_of(error.value(), "create folder", folder));
  if (auto ok = files::make_folder(folder, "tmp"); !ok) return tl::unexpected(ok.error());
  return std::make_unique<FolderBlobs>(folder, std::move(space));
}

} // namespace graphrag::runtime
