#pragma once
// The blob port: original files, by content. A blob is written before the row that names it and
// deleted after no row does, so a crash leaves at most an orphan, which sweep() removes.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"

namespace graphrag::runtime {

class DiskSpace;

// Thread-safe, blocking. Keys are made by put(): lower-case hex, unique per call.
class BlobStore {
public:
  virtual ~BlobStore() = default;
  virtual Result<std::string> put(std::string_view bytes) = 0; // durable when it returns
  // The same under the key that another adapter's put() gave these bytes; there already is success.
  // invalid_argument for a key that is none, or of other bytes.
  virtual Status put_as(std::string_view key, std::string_view bytes) = 0;
  virtual Result<std::string> get(std::string_view key) = 0; // not_found, corrupt
  virtual Status remove(std::string_view key) = 0;           // absent is success
  virtual Result<std::vector<std::string>> list() = 0;
  // Removes blobs older than `min_age` for which `named` says false; returns how many.
  virtual Result<std::size_t> sweep(std::chrono::seconds min_age,
                                    const std::function<bool(const std::string&)>& named) = 0;
};

// A folder; files are written to a temporary name, synced, renamed, and the folder synced. With
// `space`, a put for which there is no room answers no_space before it writes.
Result<std::unique_ptr<BlobStore>> open_folder_blobs(const std::string& folder,
                                                     std::shared_ptr<DiskSpace> space = nullptr);
std::unique_ptr<BlobStore> make_memory_blobs();

} // namespace graphrag::runtime
