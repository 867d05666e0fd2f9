#pragma once
// How many accepted documents wait in the store, per collection: the bound that makes the durable
// backlog finite. Counts in memory what the store's `backlog()` said at start. Thread-safe.
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/store/types.hpp"

namespace graphrag::document {

class Backlog {
public:
  explicit Backlog(std::uint64_t limit_per_collection) : limit_(limit_per_collection) {}

  void reset(const std::vector<runtime::Backlog>& counted) {
    std::lock_guard lock{mutex_};
    queued_.clear();
    for (const auto& entry : counted)
      queued_[entry.collection] = static_cast<std::int64_t>(entry.queued);
  }
  void add(const std::string& collection) {
    std::lock_guard lock{mutex_};
    ++queued_[collection];
  }
  void remove(const std::string& collection) {
    std::lock_guard lock{mutex_};
    auto& count = queued_[collection];
    if (count > 0) --count;
  }
  bool full(const std::string& collection) const {
    std::lock_guard lock{mutex_};
    auto it = queued_.find(collection);
    return it != queued_.end() && it->second >= static_cast<std::int64_t>(limit_);
  }
  std::uint64_t total() const {
    std::lock_guard lock{mutex_};
    std::int64_t sum = 0;
    for (const auto& [name, count] : queued_) sum += count;
    return static_cast<std::uint64_t>(sum);
  }

private:
  std::uint64_t limit_;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> queued_;
};

} // namespace graphrag::document
