#include "actors/document/model_extraction.hpp"

#include <algorithm>

#include "actors/chunk/entity_count.hpp"
#include "actors/entity/model_facts.hpp"
#include "observability/log.hpp"
#include "observability/metrics.hpp"
#include "runtime/models/model_port.hpp"

namespace graphrag::document {
namespace {

struct Probe {
  static prometheus::Counter& of(const char* outcome) {
    return observability::counter("graphrag_extraction_passages_total",
                                  "Passages shown to a model that finds names, by what came of it.",
                                  {{"outcome", outcome}});
  }
  prometheus::Counter& used = of("used");
  prometheus::Counter& failed = of("failed");
  prometheus::Counter& refused = of("refused");
  prometheus::Counter& late = of("late");
  prometheus::Counter& names = observability::counter("graphrag_extraction_names_total",
                                                      "Names that only a model has found.");
};
Probe& probe() {
  static Probe instance;
  return instance;
}

std::string_view text_of(const chunk::LiveDocument& document, const chunk::AnalysedChunk& chunk) {
  return std::string_view{document.text}.substr(chunk.start_byte,
                                                chunk.end_byte - chunk.start_byte);
}

} // namespace

bool model_read_before(const runtime::DocumentContent& live, const IngestJob& job) {
  const auto& input = job.input;
  return live.analysis_version == (chunk::analysis_version | chunk::model_facts_version) &&
         live.record.content_hash == input.content_hash &&
         (input.title.empty() || live.record.title == input.title) &&
         live.record.metadata == input.metadata && live.vector == job.vector;
}

void ModelExtraction::begin(const ModelDesk& desk, const chunk::LiveDocument& document,
                            runtime::Promise<bool> done) {
  // The last call that goes away fulfils it, whether it ran or not.
  const std::shared_ptr<void> all{nullptr, [done](void*) { done.fulfil(true); }};
  const auto count = std::min(desk.settings().extracted_passages, document.analysis.chunks.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text{text_of(document, document.analysis.chunks[i])};
    if (text.empty()) continue;
    const bool accepted = desk.submit(
        ModelWork::extraction, [self = shared_from_this(), i, text, all](const auto& port) {
          if (self->stop_.stop_requested()) return;
          runtime::models::CallContext context;
          context.collection = self->collection_;
          context.cancel = self->stop_.get_token();
          auto found = port.extract(context, text);
          if (!found) {
            probe().failed.Increment();
            observability::log(observability::Level::debug, "a model found no names in a passage",
                               {{"error.code", runtime::to_string(found.error().code)},
                                {"error.message", found.error().detail}});
            return;
          }
          std::lock_guard lock{self->mutex_};
          if (self->taken_) return probe().late.Increment();
          self->found_.push_back({i, std::move(*found)});
        });
    if (!accepted) probe().refused.Increment();
  }
}

bool ModelExtraction::take(chunk::LiveDocument& document) {
  stop_.request_stop();
  std::vector<Found> found;
  {
    std::lock_guard lock{mutex_};
    taken_ = true;
    found.swap(found_);
  }
  for (const auto& one : found) {
    auto& chunk = document.analysis.chunks[one.chunk];
    const auto added = entity::add_model_facts(one.extraction, text_of(document, chunk), chunk);
    probe().used.Increment();
    probe().names.Increment(static_cast<double>(added.names));
  }
  if (!found.empty()) document.analysis.entity_count = chunk::count_entities(document.analysis);
  return !found.empty();
}

} // namespace graphrag::document
