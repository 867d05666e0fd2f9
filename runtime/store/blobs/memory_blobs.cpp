#include <map>
#include <mutex>

#include "runtime/store/blob.hpp"
#include "runtime/store/blobs/blob_key.hpp"

namespace graphrag::runtime {
namespace {

class MemoryBlobs final : public BlobStore {
public:
  Result<std::string> put(std::string_view bytes) override {
    auto key = make_blob_key(bytes);
    std::lock_guard lock(mutex_);
    blobs_[key] = Blob{std::string(bytes), std::chrono::steady_clock::now()};
    return key;
  }

  Status put_as(std::string_view key, std::string_view bytes) override {
    if (auto ok = check_blob_key(key, bytes); !ok) return ok;
    std::lock_guard lock(mutex_);
    blobs_.try_emplace(std::string(key),
                       Blob{std::string(bytes), std::chrono::steady_clock::now()});
    return {};
  }

  Result<std::string> get(std::string_view key) override {
    std::lock_guard lock(mutex_);
    auto found = blobs_.find(key);
    if (found == blobs_.end()) return fail(Errc::not_found, "no such blob");
    return found->second.bytes;
  }

  Status remove(std::string_view key) override {
    std::lock_guard lock(mutex_);
    if (auto found = blobs_.find(key); found != blobs_.end()) blobs_.erase(found);
    return {};
  }

  Result<std::vector<std::string>> list() override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> keys;
    for (const auto& [key, blob] : blobs_) keys.push_back(key);
    return keys;
  }

  Result<std::size_t> sweep(std::chrono::seconds min_age,
                            const std::function<bool(const std::string&)>& named) override {
    std::lock_guard lock(mutex_);
    auto newest = std::chrono::steady_clock::now() - min_age;
    return std::erase_if(blobs_, [&](const auto& entry) {
      return entry.second.born <= newest && !named(entry.first);
    });
  }

private:
  struct Blob {
    std::string bytes;
    std::chrono::steady_clock::time_point born;
  };
  std::mutex mutex_;
  std::map<std::string, Blob, std::less<>> blobs_;
};

} // namespace

std::unique_ptr<BlobStore> make_memory_blobs() { return std::make_unique<MemoryBlobs>(); }

} // namespace graphrag::runtime
