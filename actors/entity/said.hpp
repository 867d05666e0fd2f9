#pragma once
// What a sentence says of its subject: "an American baseball pitcher", with the years of a life.
#include <cstdint>

#include "actors/entity/words.hpp"

namespace graphrag::entity {

struct Said {
  chunk::Span what;                 // without its article; empty when nothing is said
  std::uint16_t born = 0, died = 0; // 0: unknown
};

// The words from `from` on that say what something is, as [first, end): up to a preposition, a
// clause or a comma, but over "singer, actress and model".
struct Phrase {
  std::uint32_t first = 0, end = 0;
};
Phrase defining_phrase(const Words& words, std::uint32_t from, std::uint32_t sentence_end);

// Of the subject that ends before word `subject_end`, defined by the words from `from` on (the
// sentence's end: by none). Years stand in brackets between the subject and `aside_end` ("(1580 -
// 1631)", "(born 5 May 1951)"), or behind a comma (", born 1951"). `life` says that two years
// without a word between them are those of a life.
Said read_definition(const Words& words, std::uint32_t subject_end, std::uint32_t aside_end,
                     std::uint32_t from, std::uint32_t sentence_end, bool life);

} // namespace graphrag::entity
