#include "actors/entity/model_facts.hpp"

#include <algorithm>

#include "actors/entity/names.hpp"
#include "actors/entity/words.hpp"

namespace graphrag::entity {
namespace {

constexpr std::size_t max_relations = 96; // of a chunk, as the rules have it

std::uint8_t kind_of(std::string_view name) {
  for (auto kind = static_cast<int>(Kind::person); kind <= static_cast<int>(Kind::other); ++kind)
    if (to_string(static_cast<Kind>(kind)) == name) return static_cast<std::uint8_t>(kind);
  return static_cast<std::uint8_t>(Kind::unknown);
}

// Where the name begins and ends with a word, as words are told apart here; nothing: only within
// longer words.
std::optional<chunk::Span> place_of(std::string_view name, std::string_view text,
                                    const Words& words) {
  for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const auto end = at + name.size();
    bool begins = false, ends = false;
    for (std::uint32_t i = 0; i < words.size() && words[i].start < end; ++i) {
      const auto span = words.span(i, i);
      begins |= span.start == at;
      ends |= span.end == end;
    }
    if (begins && ends)
      return chunk::Span{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
  }
  return std::nullopt;
}

bool mentioned(const chunk::AnalysedChunk& chunk, std::uint64_t key) {
  return std::ranges::any_of(chunk.mentions, [&](const auto& mention) {
    return mention.key == key && !mention.normal.empty();
  });
}

bool add_name(const std::string& normal, chunk::Span place, std::uint8_t kind,
              chunk::AnalysedChunk& chunk) {
  const auto key = name_key(normal);
  for (auto& mention : chunk.mentions) {
    if (mention.key != key) continue;
    if (mention.kind == 0) mention.kind = kind;
    if (!mention.normal.empty()) return false;
    mention.normal = normal; // known as a part of a longer name only
    mention.span = place;
    return true;
  }
  chunk.mentions.push_back({key, normal, place, kind});
  return true;
}

chunk::Span sentence_at(std::size_t place, std::string_view text,
                        const chunk::AnalysedChunk& chunk) {
  for (const auto& sentence : chunk.sentences)
    if (sentence.start <= place && place < sentence.end) return sentence;
  return {0, static_cast<std::uint32_t>(text.size())};
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

} // namespace

ModelFacts add_model_facts(const runtime::models::Extraction& found, std::string_view text,
                           chunk::AnalysedChunk& chunk) {
  thread_local Words words;
  words.read(text);
  ModelFacts added;
  for (const auto& name : found.names) {
    const auto place = place_of(name.name, text, words);
    const auto normal = place ? normal_name(name.name) : std::string{};
    if (normal.empty()) continue;
    added.names += add_name(normal, *place, kind_of(name.kind), chunk) ? 1 : 0;
  }
  if (added.names > 0)
    std::ranges::stable_sort(chunk.mentions, {},
                             [](const auto& mention) { return mention.span.start; });
  for (const auto& relation : found.relations) {
    if (chunk.relations.size() >= max_relations) break;
    const auto subject = normal_name(relation.from), object = normal_name(relation.to);
    const auto evidence = text.find(relation.evidence);
    if (subject == object || evidence == text.npos || !mentioned(chunk, name_key(subject)) ||
        !mentioned(chunk, name_key(object)))
      continue;
    chunk::Relation fact{subject, object, lower(relation.predicate),
                         sentence_at(evidence, text, chunk)};
    const bool known = std::ranges::any_of(chunk.relations, [&](const auto& other) {
      return other.subject == fact.subject && other.object == fact.object &&
             other.predicate == fact.predicate;
    });
    if (known) continue;
    chunk.relations.push_back(std::move(fact));
    ++added.relations;
  }
  return added;
}

} // namespace graphrag::entity
