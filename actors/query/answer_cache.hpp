#pragma once
// Answers that are still true: kept by collection, by what the view saw and by the question, so
// that a write makes the answers of its collection unreachable at once, and nobody ever sees an
// answer of another collection. Counts hits and misses (graphrag_query_cache_total). Thread-safe.
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "runtime/store/cache.hpp"

namespace graphrag::query {

class AnswerCache {
public:
  AnswerCache(std::shared_ptr<runtime::Cache> cache, std::chrono::milliseconds ttl)
      : cache_(std::move(cache)), ttl_(ttl) {}

  // `fingerprint` is ReadView::fingerprint(), `question` all that the answer depends on besides.
  std::optional<std::string> find(const std::string& collection, const std::string& fingerprint,
                                  const std::string& question);
  void keep(const std::string& collection, const std::string& fingerprint,
            const std::string& question, std::string answer);

private:
  std::shared_ptr<runtime::Cache> cache_;
  std::chrono::milliseconds ttl_;
};

} // namespace graphrag::query
