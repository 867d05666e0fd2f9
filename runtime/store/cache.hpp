#pragma once
// The cache port: values that may vanish at any time. Thread-safe. Keys carry the collection, so a
// value is never shared across collections.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.hpp"

namespace graphrag::runtime {

class Cache {
public:
  virtual ~Cache() = default;
  virtual std::optional<std::string> get(std::string_view collection, std::string_view key) = 0;
  virtual void put(std::string_view collection, std::string_view key, std::string value,
                   std::chrono::milliseconds ttl) = 0;
  virtual void drop_collection(std::string_view collection) = 0;
};

// Least recently used values go first once keys and values together exceed `max_bytes`.
std::unique_ptr<Cache> make_memory_cache(std::size_t max_bytes, std::shared_ptr<const Clock> clock);

} // namespace graphrag::runtime
