#include "actors/query/answer_cache.hpp"

#include "observability/metrics.hpp"

namespace graphrag::query {
namespace {

constexpr std::size_t max_question_bytes =
    16 * 1024; // beyond it (a vector, a long filter): not kept

struct Probe {
  static prometheus::Counter& of(const char* result) {
    return observability::counter("graphrag_query_cache_total", "Look-ups of the query cache.",
                                  {{"result", result}});
  }
  prometheus::Counter& hits = of("hit");
  prometheus::Counter& misses = of("miss");
};
Probe& probe() {
  static Probe instance;
  return instance;
}

} // namespace

std::optional<std::string> AnswerCache::find(const std::string& collection,
                                             const std::string& fingerprint,
                                             const std::string& question) {
  auto found = cache_->get(collection, fingerprint + question);
  (found ? probe().hits : probe().misses).Increment();
  return found;
}

void AnswerCache::keep(const std::string& collection, const std::string& fingerprint,
                       const std::string& question, std::string answer) {
  if (question.size() <= max_question_bytes)
    cache_->put(collection, fingerprint + question, std::move(answer), ttl_);
}

} // namespace graphrag::query
