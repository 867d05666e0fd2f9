#include "actors/entity/said.hpp"

#include <algorithm>

#include "actors/entity/lexicon.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_phrase_words = 14;
constexpr std::uint32_t max_words_to_year = 8; // "born 5 May 1951", "born in Leeds in May 1951"
constexpr int longest_life = 120;

constexpr std::uint16_t plain_gaps = gap_space | gap_hyphen | gap_apostrophe | gap_possessive;

std::uint16_t year_at(const Words& words, std::uint32_t i) {
  if (!words.plain_number(i) || words[i].size < 3 || words[i].size > 4) return 0;
  int year = 0;
  for (const char digit : words.folded(i)) year = year * 10 + (digit - '0');
  return year >= 100 && year < 2100 ? static_cast<std::uint16_t>(year) : 0;
}

bool person_noun(const Word& word) {
  return word.is(class_is_person | class_role) && !word.has(word_capital);
}

// "and model", ", actress": the list of what somebody is goes on.
bool goes_on(const Words& words, std::uint32_t i, std::uint32_t end) {
  if (i + 1 < end && words.folded(i) == "and") ++i;
  for (auto next = i; next < std::min(end, i + 3); ++next) {
    if (next > i && (words[next].gap & ~plain_gaps) != 0) return false;
    if (words[next].is(class_linker | class_joiner | class_pronoun | class_function)) return false;
    if (person_noun(words[next])) return true;
  }
  return false;
}

class Years {
public:
  explicit Years(const Words& words) : words_(words) {}

  // Between the brackets behind the subject.
  void aside(std::uint32_t from, std::uint32_t end, bool life) {
    enum class Of : std::uint8_t { nothing, birth, death, other } of = Of::nothing;
    std::uint16_t first = 0;
    for (auto i = from; i < end; ++i) {
      const auto word = words_.folded(i);
      if (word == "born" || word == "b")
        of = Of::birth;
      else if (word == "died" || word == "d")
        of = Of::death;
      else if (word == "reigned" || word == "ruled" || word == "r" || word == "fl" ||
               word == "active" || word == "floruit")
        of = Of::other;
      const auto year = year_at(words_, i);
      if (year == 0 || of == Of::other) continue;
      if (of == Of::death) {
        set(said.died, year);
      } else if (of == Of::birth) {
        set(said.born, year);
        of = Of::nothing;
      } else if (life && said.born != 0) {
        set(said.died, year);
      } else if (life && first == 0) {
        first = year;
      } else if (life && year >= first && year - first <= longest_life) {
        set(said.born, first);
        set(said.died, year);
      }
    }
  }

  // ", born 1951" behind what it says.
  void behind(std::uint32_t from, std::uint32_t end) {
    for (auto i = from; i < end; ++i) {
      if ((words_[i].gap & (gap_comma | gap_open)) == 0) continue;
      const auto word = words_.folded(i);
      auto* of = word == "born" ? &said.born : word == "died" ? &said.died : nullptr;
      if (of == nullptr) continue;
      for (auto at = i + 1; at < std::min(end, i + 1 + max_words_to_year); ++at)
        if (const auto year = year_at(words_, at); year != 0) {
          set(*of, year);
          break;
        }
    }
  }

  Said said;

private:
  static void set(std::uint16_t& year, std::uint16_t found) {
    if (year == 0) year = found;
  }
  const Words& words_;
};

} // namespace

Phrase defining_phrase(const Words& words, std::uint32_t from, std::uint32_t sentence_end) {
  if (from < sentence_end && words[from].is(class_article)) ++from;
  const auto limit = std::min(sentence_end, from + max_phrase_words);
  auto end = from;
  for (; end < limit; ++end) {
    const auto& word = words[end];
    if (end > from && (word.gap & ~(plain_gaps | gap_comma)) != 0) break;
    if (end > from && ((word.gap & gap_comma) != 0 || words.folded(end) == "and")) {
      if (!goes_on(words, end, limit)) break;
      continue;
    }
    if (word.is(class_pronoun | class_joiner | class_linker | class_article)) break;
    if (word.has(word_capital)) continue;
    if (word.is(class_verb | class_function) && !word.is(class_is_person | class_is_work)) break;
  }
  return {from, end};
}

Said read_definition(const Words& words, std::uint32_t subject_end, std::uint32_t aside_end,
                     std::uint32_t from, std::uint32_t sentence_end, bool life) {
  Years years{words};
  if (aside_end > subject_end) years.aside(subject_end, aside_end, life);
  const auto phrase = defining_phrase(words, from, sentence_end);
  years.behind(phrase.end, sentence_end);
  auto& said = years.said;
  if (said.born != 0 && said.died != 0 &&
      (said.died < said.born || said.died - said.born > longest_life))
    said.born = said.died = 0; // of something else
  if (phrase.end > phrase.first) said.what = words.span(phrase.first, phrase.end - 1);
  return said;
}

} // namespace graphrag::entity
