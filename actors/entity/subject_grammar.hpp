#pragma once
// How sentences that say what something is begin: "X is a", "X, Duke of Y (1602 - 1680), was",
// "Term: what it means". Works on the words of one text; positions are word numbers.
#include <cstdint>
#include <string_view>

#include "actors/entity/reading.hpp"

namespace graphrag::entity {

class SubjectGrammar {
public:
  SubjectGrammar(const Words& words, std::string_view text) : words_(words), text_(text) {}

  // The words before "is", "(" or ":" when they can be a subject: few, on one line, no clause.
  std::uint32_t subject_end(WordRange range) const;
  // Without an article, and without "Then" in "Then Adam was a ..." unless it is of a long title.
  std::uint32_t subject_start(std::uint32_t first, std::uint32_t last) const;
  // Past "( 14 October 1542 in Weilburg )" and ", also known as Y,". Says whether it tells of a
  // birth.
  std::uint32_t skip_aside(std::uint32_t at, std::uint32_t end, bool& born) const;
  bool is_definition(std::uint32_t after, std::uint32_t end) const;
  // Past the letters of ", KG, PC (".
  std::uint32_t skip_letters(std::uint32_t at, std::uint32_t end) const;
  // Behind ", Duke of Nassau", ", 2nd Earl of Chester KG" or ": A True Story", up to a bracket, a
  // comma or a verb; `at` when no such thing follows.
  std::uint32_t over_commas(std::uint32_t at, std::uint32_t end) const;
  bool written_as_name(std::uint32_t first, std::uint32_t last) const;
  // "Term: what it means" at the beginning of a line.
  bool glossary(WordRange range, std::uint32_t subject) const;

private:
  bool next_is_name(WordRange range) const;
  bool says_what(std::uint32_t i) const;

  const Words& words_;
  std::string_view text_;
};

} // namespace graphrag::entity
