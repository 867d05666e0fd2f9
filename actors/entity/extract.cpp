#include "actors/entity/names.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

// Chunks are small; an unusual one must not keep its memory for ever.
constexpr std::size_t usual_words = 4096;

// The sentences, given in bytes, as ranges of words.
void read_sentences(Reading& reading) {
  reading.sentences.clear();
  const auto& words = reading.words;
  std::uint32_t at = 0;
  const auto size = static_cast<std::uint32_t>(words.size());
  for (const auto& sentence : reading.chunk->sentences) {
    while (at < size && words[at].start < sentence.start) ++at;
    const auto first = at;
    while (at < size && words[at].start < sentence.end) ++at;
    if (at > first) reading.sentences.push_back({first, at});
  }
}

} // namespace

void Reading::mention(std::uint32_t first, std::uint32_t last, bool whole, Kind kind) {
  const auto normal = words.normal(first, last);
  if (normal.empty()) return;
  const auto key = name_key(normal);
  auto& mentions = chunk->mentions;
  const auto at = keys.insert(key, static_cast<std::uint32_t>(mentions.size()));
  if (at == mentions.size()) {
    auto& made = mentions.emplace_back();
    made.key = key;
    made.span = words.span(first, last);
  } else if (!whole || !mentions[at].normal.empty()) {
    return;
  }
  if (!whole) return;
  mentions[at].normal = normal;
  mentions[at].span = words.span(first, last);
  mentions[at].kind = static_cast<std::uint8_t>(kind);
}

void Reading::home(std::string_view normal, std::string_view display, float confidence, Kind kind) {
  if (normal.empty()) return;
  const auto key = name_key(normal);
  for (auto& home : chunk->homes) {
    if (home.key != key) continue;
    if (home.confidence < confidence) home.confidence = confidence;
    if (home.kind == 0) home.kind = static_cast<std::uint8_t>(kind);
    return;
  }
  chunk->homes.push_back({key, std::string{normal}, std::string{display}, confidence,
                          static_cast<std::uint8_t>(kind)});
}

void extract(std::string_view text, std::string_view title,
             std::span<const std::string_view> headings, chunk::AnalysedChunk& chunk) {
  thread_local Reading reading;
  if (reading.words.size() > usual_words) reading = Reading{};
  reading.text = text;
  reading.chunk = &chunk;
  reading.names.clear();
  reading.keys.clear();
  reading.topic.clear();
  reading.topic_display.clear();
  reading.words.read(text);
  read_sentences(reading);
  find_title(reading, title);
  find_names(reading);
  find_chinese_names(reading);
  find_homes(reading, headings);
  find_chinese_homes(reading);
  find_aliases(reading);
  find_relations(reading);
}

} // namespace graphrag::entity
