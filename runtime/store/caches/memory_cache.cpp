#include <list>
#include <map>
#include <mutex>

#include "runtime/store/cache.hpp"

namespace graphrag::runtime {
namespace {

class MemoryCache final : public Cache {
public:
  MemoryCache(std::size_t max_bytes, std::shared_ptr<const Clock> clock)
      : max_bytes_(max_bytes), clock_(std::move(clock)) {}

  std::optional<std::string> get(std::string_view collection, std::string_view key) override {
    std::lock_guard lock(mutex_);
    auto entry = find(collection, key);
    if (entry == entries_.end()) return std::nullopt;
    if (entry->expires <= clock_->now()) {
      erase(entry);
      return std::nullopt;
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->value;
  }

  void put(std::string_view collection, std::string_view key, std::string value,
           std::chrono::milliseconds ttl) override {
    std::lock_guard lock(mutex_);
    if (auto old = find(collection, key); old != entries_.end()) erase(old);
    Entry entry{std::string(collection), std::string(key), std::move(value), clock_->now() + ttl};
    if (entry.bytes() > max_bytes_) return;
    bytes_ += entry.bytes();
    entries_.push_front(std::move(entry));
    index_[entries_.front().collection][entries_.front().key] = entries_.begin();
    while (bytes_ > max_bytes_) erase(std::prev(entries_.end()));
  }

  void drop_collection(std::string_view collection) override {
    std::lock_guard lock(mutex_);
    auto found = index_.find(collection);
    if (found == index_.end()) return;
    for (const auto& [key, entry] : found->second) {
      bytes_ -= entry->bytes();
      entries_.erase(entry);
    }
    index_.erase(found);
  }

private:
  struct Entry {
    std::string collection, key, value;
    SteadyTime expires;
    std::size_t bytes() const { return collection.size() + key.size() + value.size(); }
  };
  using Entries = std::list<Entry>; // most recently used first
  using Keys = std::map<std::string, Entries::iterator, std::less<>>;

  Entries::iterator find(std::string_view collection, std::string_view key) {
    auto keys = index_.find(collection);
    if (keys == index_.end()) return entries_.end();
    auto found = keys->second.find(key);
    return found == keys->second.end() ? entries_.end() : found->second;
  }

  void erase(Entries::iterator entry) {
    bytes_ -= entry->bytes();
    auto keys = index_.find(entry->collection);
    keys->second.erase(entry->key);
    if (keys->second.empty()) index_.erase(keys);
    entries_.erase(entry);
  }

  std::mutex mutex_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::shared_ptr<const Clock> clock_;
  Entries entries_;
  std::map<std::string, Keys, std::less<>> index_;
};

} // namespace

std::unique_ptr<Cache> make_memory_cache(std::size_t max_bytes,
                                         std::shared_ptr<const Clock> clock) {
  return std::make_unique<MemoryCache>(max_bytes, std::move(clock));
}

} // namespace graphrag::runtime
