#pragma once
// Which documents are being worked on right now, and at which step. Thread-safe; empty after a
// start, since work in flight is not durable.
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "runtime/ids.hpp"

namespace graphrag::document {

class Progress {
public:
  void set(const runtime::DocumentKey& key, std::string stage) {
    std::lock_guard lock{mutex_};
    stages_[key] = std::move(stage);
  }
  void clear(const runtime::DocumentKey& key) {
    std::lock_guard lock{mutex_};
    stages_.erase(key);
  }
  std::optional<std::string> stage(const runtime::DocumentKey& key) const {
    std::lock_guard lock{mutex_};
    auto it = stages_.find(key);
    if (it == stages_.end()) return std::nullopt;
    return it->second;
  }

private:
  mutable std::mutex mutex_;
  std::map<runtime::DocumentKey, std::string> stages_;
};

} // namespace graphrag::document
