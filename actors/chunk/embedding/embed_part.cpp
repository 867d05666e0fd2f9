#include "actors/chunk/embedding/embed_part.hpp"

#include <algorithm>
#include <span>

#include "actors/models/unit_vectors.hpp"
#include "runtime/models/text_bounds.hpp"

namespace graphrag::chunk {

namespace {
constexpr std::size_t passages_at_once = 32; // a second or two of a slow core
} // namespace

bool encode_part(const EmbedPart& part, const runtime::Encoder& encoder,
                 const std::stop_token& stop) {
  const auto dimension = encoder.dimension();
  for (std::size_t first = 0; first < part.size(); first += passages_at_once) {
    if (stop.stop_requested()) return false;
    const auto some =
        std::span(part).subspan(first).first(std::min(passages_at_once, part.size() - first));
    std::vector<std::string_view> texts;
    for (const auto& passage : some) texts.push_back(passage.text);
    std::vector<float> vectors(texts.size() * dimension);
    encoder.encode(texts, runtime::TextRole::passage, vectors);
    for (std::size_t i = 0; i < some.size(); ++i)
      std::copy_n(vectors.begin() + static_cast<std::ptrdiff_t>(i * dimension), dimension,
                  some[i].vector);
  }
  return true;
}

runtime::Status encode_part(const EmbedPart& part, const EmbeddingModel& model,
                            const runtime::models::ModelPort& port,
                            const runtime::models::CallContext& context) {
  std::vector<std::string> texts;
  std::vector<float*> places;
  for (const auto& passage : part) {
    const auto text = runtime::models::cut_utf8(passage.text, model.max_passage);
    if (text.empty()) continue;
    texts.push_back(model.prefixes.passage + std::string{text});
    places.push_back(passage.vector);
  }
  if (texts.empty()) return {};
  auto vectors = port.embed(context, texts);
  if (vectors) vectors = unit_vectors(std::move(*vectors), model.dimension);
  if (!vectors) return tl::unexpected(vectors.error());
  for (std::size_t i = 0; i < places.size(); ++i) std::ranges::copy((*vectors)[i], places[i]);
  return {};
}

} // namespace graphrag::chunk
