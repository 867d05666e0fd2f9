#include "actors/entity/subject_grammar.hpp"

#include <algorithm>

#include "actors/entity/lexicon.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_subject_words = 8;
constexpr std::uint32_t max_aside_words = 40; // between brackets after a subject

} // namespace

std::uint32_t SubjectGrammar::subject_end(WordRange range) const {
  const auto& opening = words_[range.first];
  if (opening.is(class_pronoun) ||
      (opening.is(class_function) && !opening.is(class_article) && !next_is_name(range)))
    return range.first;
  const auto limit = std::min(range.end, range.first + max_subject_words + 1);
  for (auto i = range.first; i < limit; ++i) {
    const auto& word = words_[i];
    if (word.has(word_han)) return range.first;
    if (i == range.first) continue;
    constexpr std::uint16_t plain =
        gap_space | gap_hyphen | gap_apostrophe | gap_possessive | gap_quote | gap_quote_close;
    if ((word.gap & gap_open) != 0) return i;
    if ((word.gap & gap_colon) != 0) return i;
    if ((word.gap & gap_comma) != 0) return i;
    if ((word.gap & ~plain) != 0 && !words_[i - 1].has(word_initial) &&
        !words_[i - 1].is(class_abbreviation))
      return range.first;
    if (word.is(class_be) && !word.has(word_capital)) return i;
    if (word.is(class_verb | class_pronoun) && !word.has(word_capital)) return range.first;
    if (word.is(class_function) && !word.is(class_linker | class_joiner) && !word.has(word_capital))
      return range.first;
  }
  return limit == range.end && limit - range.first <= max_subject_words ? limit : range.first;
}

std::uint32_t SubjectGrammar::subject_start(std::uint32_t first, std::uint32_t last) const {
  if (first == last || !words_[first].is(class_function)) return first;
  return words_[first].is(class_article) || last - first < 3 ? first + 1 : first;
}

bool SubjectGrammar::next_is_name(WordRange range) const {
  return range.first + 1 < range.end && words_[range.first + 1].has(word_capital) &&
         (words_[range.first + 1].gap & ~(gap_space | gap_hyphen)) == 0;
}

std::uint32_t SubjectGrammar::skip_aside(std::uint32_t at, std::uint32_t end, bool& born) const {
  if (at >= end) return at;
  const auto limit = std::min(end, at + max_aside_words);
  if ((words_[at].gap & gap_open) != 0) {
    bool year = false;
    int years = 0;
    for (auto i = at; i < limit; ++i) {
      if (i > at && (words_[i].gap & gap_close) != 0) // "(Latin: ...) (1322 - 1358)"
        return (words_[i].gap & gap_open) != 0 ? skip_aside(i, end, born) : i;
      const auto word = words_.folded(i);
      if (word == "born" || word == "died" ||
          (year && words_[i].has(word_digit) && (words_[i].gap & (gap_colon | gap_hyphen)) != 0))
        born = true;
      if (words_[i].is(class_month)) year = true;
      // Both years of a life; some texts have lost the dash and the blank between two dates.
      if (words_[i].has(word_digit) && word.size() >= 3 && ++years == 2) born = true;
    }
    if ((words_.gap_after(limit - 1) & gap_close) != 0) return limit;
    return at;
  }
  if ((words_[at].gap & gap_comma) == 0) return at;
  for (auto i = at; i < limit; ++i)
    if (i > at && (words_[i].gap & gap_comma) != 0 && words_[i].is(class_be)) return i;
  return at;
}

bool SubjectGrammar::is_definition(std::uint32_t after, std::uint32_t end) const {
  return after + 1 < end && words_[after].is(class_be) && says_what(after + 1);
}

std::uint32_t SubjectGrammar::skip_letters(std::uint32_t at, std::uint32_t end) const {
  while (at < end && (words_[at].gap & gap_comma) != 0 && words_[at].has(word_upper) &&
         (words_[at].gap & gap_open) == 0)
    ++at;
  return at;
}

std::uint32_t SubjectGrammar::over_commas(std::uint32_t at, std::uint32_t end) const {
  const auto limit = std::min(end, at + max_subject_words);
  if (at >= limit || (words_[at].gap & (gap_comma | gap_colon)) == 0) return at;
  for (auto i = at; i < limit; ++i) {
    const auto& word = words_[i];
    if (i > at && (word.gap & (gap_open | gap_comma)) != 0) return i;
    if (word.is(class_be) && !word.has(word_capital)) return i;
    if (!word.has(word_capital) && !word.has(word_digit) &&
        !(i > at && word.is(class_linker | class_joiner)))
      return at;
  }
  return at;
}

bool SubjectGrammar::says_what(std::uint32_t i) const {
  const auto word = words_.folded(i);
  constexpr auto kinds = class_is_person | class_is_organisation | class_is_place | class_is_work |
                         class_is_event | class_relational | class_honorific |
                         class_demonym; // "was Count of Nassau", "was daughter of", "is Austrian"
  return word == "a" || word == "an" || word == "the" || word == "one" || word == "any" ||
         word == "to" || words_[i].is(kinds) || words_[i].has(word_digit);
}

bool SubjectGrammar::written_as_name(std::uint32_t first, std::uint32_t last) const {
  for (auto i = first; i <= last; ++i)
    if (!words_[i].has(word_capital) && !words_[i].has(word_digit) &&
        !words_[i].is(class_linker | class_joiner))
      return false;
  return true;
}

bool SubjectGrammar::glossary(WordRange range, std::uint32_t subject) const {
  if (subject >= range.end || range.end - subject < 3 || subject - range.first > 5) return false;
  const auto& opening = words_[range.first];
  if (!opening.has(word_capital) && !opening.has(word_digit)) return false;
  return (words_[subject].gap & ~(gap_space | gap_colon)) == 0 &&
         (words_[subject].gap & gap_space) != 0 && (words_[subject].gap & gap_colon) != 0 &&
         text_[words_[subject - 1].end] == ':';
}

} // namespace graphrag::entity
