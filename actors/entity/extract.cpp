#include <algorithm>

#include "actors/entity/names.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

// Chunks are small; an unusual one must not keep its memory for ever.
constexpr std::size_t usual_words = 4096;
constexpr std::size_t max_relations = 96;
constexpr std::size_t max_aliases = 64;

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

void Reading::relation(std::string_view subject, std::string predicate, std::string_view object,
                       std::uint32_t sentence) {
  auto& relations = chunk->relations;
  if (subject.empty() || object.empty() || subject == object || relations.size() >= max_relations)
    return;
  for (const auto& known : relations)
    if (known.subject == subject && known.object == object && known.predicate == predicate) return;
  const auto range = sentences[sentence];
  relations.push_back({std::string{subject}, std::string{object}, std::move(predicate),
                       words.span(range.first, range.end - 1)});
}

void Reading::alias(std::string_view longer, std::string_view display, std::string_view shorter,
                    std::string_view shorter_display, chunk::Span span, AliasRule rule) {
  auto& aliases = chunk->aliases;
  if (longer.empty() || shorter.empty() || longer == shorter || aliases.size() >= max_aliases)
    return;
  for (const auto& known : aliases)
    if (known.normal_a == longer && known.normal_b == shorter) return;
  aliases.push_back({std::string{longer}, std::string{shorter}, std::string{display},
                     std::string{shorter_display}, span, static_cast<std::uint8_t>(rule)});
}

const NameSpan* Reading::name_before(std::uint32_t word) const {
  const auto after =
      std::upper_bound(names.begin(), names.end(), word,
                       [](std::uint32_t at, const NameSpan& name) { return at <= name.last; });
  return after != names.begin() && (after - 1)->last + 1 == word ? &*(after - 1) : nullptr;
}

const NameSpan* Reading::name_at(std::uint32_t word) const {
  const auto found =
      std::lower_bound(names.begin(), names.end(), word,
                       [](const NameSpan& name, std::uint32_t at) { return name.last < at; });
  return found != names.end() && found->first <= word ? &*found : nullptr;
}

void Reading::tell(chunk::Home& home) const {
  if (home.what.end > home.what.start || home.born != 0 || home.died != 0) return;
  home.what = said.what;
  home.born = said.born;
  home.died = said.died;
}

void Reading::home(std::string_view normal, std::string_view display, float confidence, Kind kind) {
  if (normal.empty()) return;
  const auto key = name_key(normal);
  for (auto& home : chunk->homes) {
    if (home.key != key) continue;
    if (home.confidence < confidence) home.confidence = confidence;
    if (home.kind == 0) home.kind = static_cast<std::uint8_t>(kind);
    tell(home);
    return;
  }
  chunk->homes.push_back({key, std::string{normal}, std::string{display}, confidence,
                          static_cast<std::uint8_t>(kind), said.what, said.born, said.died});
}

void extract(std::string_view text, std::string_view title,
             std::span<const std::string_view> headings, chunk::AnalysedChunk& chunk) {
  thread_local Reading reading;
  if (reading.words.size() > usual_words) reading = Reading{};
  reading.text = text;
  reading.chunk = &chunk;
  reading.names.clear();
  reading.quoted.clear();
  reading.keys.clear();
  reading.topic.clear();
  reading.topic_display.clear();
  reading.title.clear();
  reading.title_display.clear();
  reading.said = {};
  reading.words.read(text);
  read_sentences(reading);
  find_title(reading, title);
  find_spans(reading);
  find_names(reading);
  find_chinese_names(reading);
  find_homes(reading, headings);
  find_chinese_homes(reading);
  find_aliases(reading);
  find_kinds(reading);
  find_relations(reading);
  find_patterns(reading);
  find_deeds(reading);
}

} // namespace graphrag::entity
