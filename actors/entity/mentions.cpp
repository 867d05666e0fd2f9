#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_part_words = 8;   // of an inner part
constexpr std::uint32_t max_title_words = 14; // of names linked into one title
constexpr std::uint32_t max_linked_names = 4;
constexpr std::uint32_t long_name_words = 12; // more is a line in capitals: only short parts of it

constexpr std::uint16_t joining_gaps = gap_space | gap_hyphen | gap_apostrophe;

class NameFinder {
public:
  explicit NameFinder(Reading& reading) : reading_(reading), words_(reading.words) {}

  void run() {
    join_title();
    settle_first_words();
    for (std::size_t i = 0; i < reading_.names.size(); ++i) {
      const auto last = whole(reading_.names[i]);
      parts(reading_.names[i]);
      titles(i);
      reading_.names[i].last = last;
    }
  }

private:
  // Names in a quoted title are parts of it.
  bool in_quoted(const NameSpan& name) const {
    return std::any_of(reading_.quoted.begin(), reading_.quoted.end(), [&](WordRange title) {
      return title.first <= name.core && name.last < title.end;
    });
  }

  // Names that together are the title, such as "Gaby" and "A True Story", are one.
  void join_title() {
    auto& names = reading_.names;
    if (reading_.topic.empty()) return;
    for (std::size_t i = 0; i < names.size(); ++i) {
      auto last = i;
      while (names[last].linked && last + 1 < names.size() &&
             names[last + 1].sentence == names[i].sentence && last - i < max_linked_names &&
             words_.normal(names[i].first, names[last].last).size() < reading_.topic.size())
        ++last;
      if (last == i || words_.normal(names[i].first, names[last].last) != reading_.topic) continue;
      names[i].last = names[last].last;
      names[i].linked = names[last].linked;
      names.erase(names.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                  names.begin() + static_cast<std::ptrdiff_t>(last) + 1);
    }
  }

  // A single word at the beginning of a sentence is a name for certain only with further evidence.
  void settle_first_words() {
    for (auto& name : reading_.names) {
      const auto sentence_first = reading_.sentences[name.sentence].first;
      auto first = name.first;
      while (first < name.last && words_[first].is(class_article | class_function) &&
             soft_at(first, sentence_first))
        ++first;
      if (adjectives(first, name.last)) {
        name.certain = false;
        name.adjective = !words_.number(name.last);
        continue;
      }
      while (first < name.last && words_.number(first)) ++first;
      auto last = name.last;
      if (opens(first, sentence_first)) // "Approved 1 August"
        while (last > first && words_.number(last)) --last;
      if (first == last) name.certain = lone_name(first, sentence_first);
    }
  }

  bool lone_name(std::uint32_t i, std::uint32_t sentence_first) const {
    const auto& word = words_[i];
    if (word.size < 2 || words_.number(i)) return false;
    // "anti-Semitism"
    if ((word.gap & gap_hyphen) != 0 && i > sentence_first && !words_[i - 1].has(word_capital) &&
        !words_[i - 1].is(class_joiner) && word.start - words_[i - 1].end == 1)
      return false;
    if (word.is(class_common)) return false; // "the President", "on CD"
    if (word.has(word_upper | word_initial)) return true;
    if (word.is(class_function | class_month)) return false;
    if (!opens(i, sentence_first)) return true;
    if (names_someone(i + 1)) return !word.is(class_organisation | class_place);
    if (small_elsewhere(i)) return false;
    if (acts(i)) return true;
    return capital_elsewhere(i) || (defined_next(i) && !abstract(words_.folded(i)));
  }
  // "Ruby fatally shot", "Weiss said": what acts is no plural and no common noun here.
  bool acts(std::uint32_t i) const {
    const auto word = words_.folded(i);
    if (word.ends_with('s') || abstract(word) || words_[i].classes != 0) return false;
    auto next = i + 1;
    if (next + 1 < words_.size() && words_.folded(next).ends_with("ly")) ++next;
    return next < words_.size() && words_[next].gap == gap_space &&
           words_[next].is(class_verb | class_says | class_killing) && !words_[next].is(class_be) &&
           words_[i + 1].gap == gap_space;
  }
  // "Mayor Ann Lee" of "Pittsburgh Mayor Ann Lee": what opens the sentence is a name too.
  bool names_someone(std::uint32_t i) const {
    if (i >= words_.size() || words_[i].gap != gap_space) return false;
    if (words_[i].has(word_capital)) return !words_[i].is(class_weekday | class_month);
    return words_[i].is(class_role) && i + 1 < words_.size() && words_[i + 1].has(word_capital) &&
           words_[i + 1].gap == gap_space;
  }
  // A capital there says nothing.
  bool opens(std::uint32_t i, std::uint32_t sentence_first) const {
    return i == sentence_first || ((words_[i].gap & (gap_quote | gap_quote_open)) != 0 &&
                                   (words_.gap_after(i) & (gap_quote | gap_quote_close)) == 0);
  }
  // By its ending an abstract noun, an adverb or a participle.
  static bool abstract(std::string_view word) {
    for (const std::string_view ending :
         {"ly", "ed", "ing", "tion", "sion", "ness", "ment", "ship"})
      if (word.size() > ending.size() + 2 && word.ends_with(ending)) return true;
    return false;
  }
  bool small_elsewhere(std::uint32_t i) const {
    const auto folded = words_.folded(i);
    for (std::uint32_t j = 0; j < words_.size(); ++j)
      if (words_[j].size == folded.size() && !words_[j].has(word_capital | word_digit) &&
          (words_[j].gap & ~(gap_space | gap_comma)) == 0 && words_.folded(j) == folded)
        return true;
    return false;
  }
  bool year(std::uint32_t i) const {
    return words_.plain_number(i) && words_[i].size == 4 &&
           (words_.folded(i)[0] == '1' || words_.folded(i)[0] == '2');
  }

  // "1987 American-Mexican" before a lower-case noun.
  bool adjectives(std::uint32_t first, std::uint32_t last) const {
    for (auto i = first; i <= last; ++i)
      if (!words_[i].is(class_demonym) && !words_.number(i)) return false;
    return last + 1 < words_.size() && !words_[last + 1].has(word_capital) &&
           (words_[last + 1].gap & ~joining_gaps) == 0;
  }

  bool soft_at(std::uint32_t i, std::uint32_t sentence_first) const {
    return words_[i].is(class_article) || i == sentence_first ||
           (words_[i].gap & (gap_stop | gap_quote | gap_quote_open | gap_colon)) != 0;
  }
  bool defined_next(std::uint32_t i) const {
    if (i + 1 >= words_.size()) return false;
    if (words_[i + 1].is(class_be) || (words_[i + 1].gap & (gap_possessive | gap_open)) != 0)
      return true;
    return (words_[i + 1].gap & gap_comma) != 0;
  }
  bool capital_elsewhere(std::uint32_t i) const {
    const auto folded = words_.folded(i);
    for (const auto& other : reading_.names) {
      const auto from =
          other.first == reading_.sentences[other.sentence].first ? other.first + 1 : other.first;
      for (auto j = from; j <= other.last; ++j)
        if (words_.folded(j) == folded && words_[j].has(word_capital)) return true;
    }
    return false;
  }

  bool begins_part(std::uint32_t i) const {
    const auto& word = words_[i];
    return (word.has(word_capital) || word.has(word_digit)) && !word.is(class_article);
  }
  bool ends_part(std::uint32_t i) const {
    return words_[i].has(word_capital) || words_[i].has(word_digit);
  }

  // Leaves out what stands in front of the name proper: what only opens the sentence, a year, an
  // office. Parts with these are still found by links. Returns the last word of the name proper.
  std::uint32_t whole(NameSpan& name) {
    const auto sentence_first = reading_.sentences[name.sentence].first;
    auto first = name.first;
    while (first < name.last && soft_at(first, sentence_first) &&
           words_[first].is(class_function) && !words_[first].has(word_upper) &&
           !own_article(first, sentence_first))
      ++first;
    const bool article = first > name.first && words_[first - 1].is(class_article);
    if (first > name.first) // "As of Spring", "In 855 Queen Teutberga"
      while (first < name.last &&
             (article ? year(first) : !begins_part(first) || words_.plain_number(first)))
        ++first;
    while (first < name.last && year(first)) ++first; // "2007 NCAA season"
    auto last = name.last;
    while (last > first && behind(last)) --last;
    if (first < last && words_.number(first) && words_[first + 1].has(word_initial))
      ++first; // "30th U.S."
    const auto proper = past_office(first, last, name.sentence);
    name.kind = proper > first && !words_[proper - 1].is(class_joiner | class_article)
                    ? Kind::person
                    : kind_of_name(words_, proper, last);
    if (proper < last && name.kind == Kind::place && words_.plain_number(proper))
      ++first; // "340 Hay Street"
    name.core = std::max(proper, first);
    name.certain = name.certain && name.last - first < long_name_words;
    if (proper == last && (proper > first || last < name.last))
      name.certain = !words_[proper].is(class_common);
    if ((name.certain || name.adjective) && !in_quoted(name))
      reading_.mention(name.adjective ? first : name.core, last, true,
                       name.adjective ? Kind::other : name.kind);
    return last;
  }
  // What may follow a name and is none of it: "U.S. Senator", "Labor MP".
  bool behind(std::uint32_t i) const {
    return words_[i].is(class_common) && !words_[i].is(class_organ_adjective);
  }
  // "The" of "The Shining": a capital that the sentence's beginning does not explain.
  bool own_article(std::uint32_t i, std::uint32_t sentence_first) const {
    return words_[i].is(class_article) && words_[i].has(word_capital) && i != sentence_first &&
           (words_[i].gap & (gap_stop | gap_quote | gap_quote_open | gap_colon)) == 0;
  }
  // Where the name begins after "Brigadier General" or "Secretary of the".
  std::uint32_t past_office(std::uint32_t first, std::uint32_t last, std::uint32_t sentence) const {
    auto at = first;
    const bool opens = at == reading_.sentences[sentence].first; // "Actor Tom Hanks said"
    if (opens && last - at >= 2 && words_[at].is(class_is_person) &&
        !words_[at].is(class_honorific | class_organisation) && plain_name(words_, at + 1, last))
      return at + 1;
    if (words_.number(at) && at < last && words_[at + 1].is(class_office))
      ++at; // "18th President of"
    const auto office = at;
    while (at < last && words_[at].is(class_office)) ++at;
    if (at == office || at > last) return first;
    if (words_[at].is(class_joiner)) {
      if (at < last && words_.folded(at) != "of") return first;
      ++at;
      if (at < last && words_[at].is(class_article)) ++at;
      return at <= last && words_[at].has(word_capital) ? at : first;
    }
    if ((words_[at].gap & gap_hyphen) != 0 || !plain_name(words_, at, last))
      return first; // "Justice Department"
    // "Mrs. Holmes" is not just any Holmes: with a surname alone the title tells who is meant.
    if (at == last && words_[office].is(class_honorific)) return first;
    const bool ambiguous = at == first + 1 && words_[first].is(class_organ_adjective);
    return ambiguous && at == last ? first : at;
  }

  void parts(const NameSpan& name) {
    const auto limit = name.last - name.first >= long_name_words ? 3U : max_part_words;
    for (auto first = name.first; first <= name.last; ++first) {
      if (!begins_part(first)) continue;
      const auto end = std::min(name.last, first + limit - 1);
      for (auto last = first; last <= end; ++last)
        if (ends_part(last) && !trivial(first, last))
          reading_.mention(first, last, false, Kind::unknown);
    }
  }
  // Says nothing: "In 1980", "A", "The".
  bool trivial(std::uint32_t first, std::uint32_t last) const {
    for (auto i = first; i <= last; ++i)
      if (words_[i].size > 1 && !words_[i].has(word_digit) &&
          !words_[i].is(class_function | class_weekday))
        return false;
    return last - first < 2;
  }

  void titles(std::size_t i) {
    const auto& names = reading_.names;
    for (std::size_t count = 1; count < max_linked_names && names[i].linked; ++count) {
      const auto next = i + count;
      if (next >= names.size() || names[next].sentence != names[i].sentence) return;
      if (names[next].last - names[i].first >= max_title_words) return;
      reading_.mention(names[i].first, names[next].last, false, Kind::unknown);
      if (!names[next].linked) return;
    }
  }

  Reading& reading_;
  const Words& words_;
};

} // namespace

void find_names(Reading& reading) { NameFinder{reading}.run(); }

} // namespace graphrag::entity
