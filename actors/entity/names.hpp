#pragma once
// Names of things, as text: normal forms, keys and the spans of a text that look like names.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"

namespace graphrag::entity {

enum class Kind : std::uint8_t { unknown = 0, person, organisation, place, work, event, date, other };
std::string_view to_string(Kind kind) noexcept;

enum class AliasRule : std::uint8_t { acronym = 0, also_known_as, title_qualifier, surname };

// Folded (NFKC, lower case), punctuation to single spaces except within words, possessive "'s" and a
// leading article dropped. Empty when nothing is left.
std::string normal_name(std::string_view written);
std::uint64_t name_key(std::string_view normal) noexcept; // xxh3_64

// Everything of entity/ that reads one chunk: fills mentions, homes, aliases and relations of
// `chunk` (its spans and sentences are already set). `text` is the chunk's text; `title` is the
// document's title and counts as a home in the first chunk; `heading` is the innermost heading
// above the chunk, empty when the chunk does not open its section.
void extract(std::string_view text, std::string_view title, std::string_view heading,
             chunk::AnalysedChunk& chunk);

} // namespace graphrag::entity
