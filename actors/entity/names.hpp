#pragma once
// Names of things, as text: normal forms, keys and the spans of a text that look like names.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"

namespace graphrag::entity {

enum class Kind : std::uint8_t {
  unknown = 0,
  person,
  organisation,
  place,
  work,
  event,
  date,
  other
};
std::string_view to_string(Kind kind) noexcept;

enum class AliasRule : std::uint8_t { acronym = 0, also_known_as, title_qualifier, surname };

// Folded as terms are (NFKC, lower case, no accents on Latin letters), words with single spaces
// between them (none beside Chinese and Japanese characters), punctuation, possessive "'s" and a
// leading article dropped, dotted initials joined ("J. R. R. Tolkien" = "jrr tolkien"), "&" as
// "and". Empty when nothing is left.
std::string normal_name(std::string_view written);
std::uint64_t name_key(std::string_view normal) noexcept; // xxh3_64

// Everything of entity/ that reads one chunk: fills mentions, homes, aliases and relations of
// `chunk` (its index, spans and sentences are already set). `text` is the chunk's text; `title` is
// the document's title and counts as a home in the first chunk; `headings` are those of the
// sections that open in the chunk.
void extract(std::string_view text, std::string_view title,
             std::span<const std::string_view> headings, chunk::AnalysedChunk& chunk);

} // namespace graphrag::entity
