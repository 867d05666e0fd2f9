#include <algorithm>

#include "actors/chunk/characters.hpp"
#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_quoted_words = 15;
constexpr std::uint32_t none = 0xffffffff; // no word
constexpr std::ptrdiff_t serial_digits = 6;

constexpr std::uint16_t joining_gaps = gap_space | gap_hyphen | gap_apostrophe;
constexpr std::uint16_t linking_gaps = joining_gaps | gap_comma | gap_colon | gap_possessive;

enum class Role : std::uint8_t { none, name, soft, number, joiner, linker };

class SpanFinder {
public:
  explicit SpanFinder(Reading& reading) : reading_(reading), words_(reading.words) {}

  void run() {
    for (std::uint32_t s = 0; s < reading_.sentences.size(); ++s) {
      sentence_ = s;
      range_ = reading_.sentences[s];
      quotes();
      runs();
    }
  }

private:
  // Only spaces, hyphens and apostrophes before word i, or the full stop of an abbreviation.
  bool joined(std::uint32_t i, std::uint16_t allowed = joining_gaps) const {
    const auto gap = words_[i].gap;
    if (gap == (gap_space | gap_hyphen) && words_[i].start - words_[i - 1].end > 2) return false;
    if ((gap & ~allowed) == 0) return true;
    if ((gap & ~(allowed | gap_stop)) != 0) return false;
    const auto& before = words_[i - 1];
    return before.has(word_initial) || before.is(class_abbreviation);
  }

  bool date_month(std::uint32_t i) const {
    if (!words_[i].is(class_month)) return false;
    return (i + 1 < range_.end && words_[i + 1].has(word_digit)) ||
           (i > range_.first && words_[i - 1].has(word_digit));
  }

  Role role(std::uint32_t i) const {
    const auto& word = words_[i];
    if (word.has(word_han)) return Role::none;
    if (word.has(word_digit)) return word.has(word_code) ? Role::name : Role::number;
    if (!word.has(word_capital)) {
      if (word.is(class_joiner)) return Role::joiner;
      return word.is(class_linker) ? Role::linker : Role::none;
    }
    if (word.is(class_weekday) || date_month(i)) return Role::none;
    const bool opens =
        i == range_.first || (word.gap & (gap_stop | gap_quote | gap_quote_open | gap_colon)) != 0;
    if (words_.folded(i) == "i" && !word.has(word_initial))
      return i > range_.first && words_[i - 1].has(word_capital) ? Role::name : Role::none;
    if (word.is(class_month)) return Role::soft;
    if (word.is(class_article)) return Role::soft;
    return opens && word.is(class_function) && !word.has(word_upper) ? Role::soft : Role::name;
  }

  // Names of the sentence from left to right.
  void runs() {
    for (auto i = range_.first; i < range_.end;) {
      const auto r = role(i);
      const bool number_opens =
          r == Role::number && i + 1 < range_.end && role(i + 1) == Role::name && joined(i + 1);
      if (r != Role::name && r != Role::soft && !number_opens) {
        ++i;
        continue;
      }
      auto last = i;
      for (auto next = extend(last); next != last; next = extend(last)) last = next;
      auto first = i;
      for (auto at = i + 1; at <= last; ++at) // "Texas Coach Darrell Royal", "Amos Frumkin of the"
        if (const auto next = splits(first, at, last); next != none) {
          add(first, at - 1);
          first = at = next;
        }
      add(first, last);
      i = last + 1;
    }
  }

  // "LD0806223294": a number of a document or a part, which stands alone.
  bool serial(std::uint32_t i) const {
    const auto digits = words_.folded(i);
    if (digits.size() < static_cast<std::size_t>(serial_digits)) return false;
    return std::count_if(digits.begin(), digits.end(), chunk::is_ascii_digit) >= serial_digits &&
           !words_.plain_number(i);
  }
  // "Moscow ITAR-TASS in English": where a message comes from, and who sends it.
  bool dateline(std::uint32_t first, std::uint32_t at, std::uint32_t last) const {
    if (first != range_.first && !serial(first - 1)) return false;
    if (last + 1 < range_.end && words_.folded(last + 1) != "in" &&
        !words_[last + 1].has(word_digit))
      return false;
    if (words_.folded(at) == "radio") return at < last && words_[at - 1].has(word_capital);
    for (auto i = first; i < at; ++i)
      if (words_[i].has(word_upper) || !words_[i].has(word_capital)) return false;
    for (auto i = at; i <= last; ++i)
      if (!words_[i].has(word_upper) || words_[i].is(class_roman)) return false;
    return true;
  }

  // Where a second name begins when the one that begins at `first` ends before word `at`; none when
  // it goes on.
  std::uint32_t splits(std::uint32_t first, std::uint32_t at, std::uint32_t last) const {
    const auto& word = words_[at];
    if (dateline(first, at, last)) return at;
    while (first + 1 < at && words_[first].is(class_function)) ++first; // "But Ohio Gov."
    if (at < last && word.is(class_office) && (!word.is(class_organ_adjective) || last - at >= 2) &&
        word.has(word_capital) && !words_[first].is(class_office | class_function) &&
        words_[at + 1].has(word_capital) && plain_name(words_, at + 1, end_of_person(at, last)))
      return at + 1;
    if (at == last || words_.folded(at) != "of") return none;
    if (words_[at - 1].is(class_organisation) && words_[at - 1].is(class_abbreviation))
      return at + 1; // "Acme Inc. of Houston"
    if (!plain_name(words_, first, at - 1)) return none;
    bool person = at - first > 1 && (words_[first].is(class_office) || after_office(first));
    for (auto i = first; i < at; ++i) person = person || words_[i].has(word_initial);
    person = person || (at - first > 1 && at - first < 4 && place_ends(last));
    const auto next = words_[at + 1].is(class_article) && at + 1 < last ? at + 2 : at + 1;
    for (auto i = next; i <= last && at - first > 1; ++i)
      person = person || words_[i].is(class_organisation) || words_[i].has(word_upper);
    return person && next <= last ? next : none;
  }
  // The word before "of", or the last.
  std::uint32_t end_of_person(std::uint32_t first, std::uint32_t last) const {
    for (auto i = first + 1; i <= last; ++i)
      if (words_[i].is(class_joiner) && words_.folded(i) == "of") return i - 1;
    return last;
  }
  // "Leeds, England," follows.
  bool place_ends(std::uint32_t last) const {
    const auto i = last + 1;
    if (i >= range_.end || (words_[i].gap & gap_comma) == 0 || !words_[i].has(word_capital))
      return false;
    return (words_.gap_after(i) & (gap_comma | gap_stop)) != 0;
  }
  bool after_office(std::uint32_t i) const {
    return i > range_.first && words_[i - 1].is(class_office) && words_[i - 1].has(word_capital);
  }

  // The last word of the name when it goes on after `last`; `last` when it does not.
  std::uint32_t extend(std::uint32_t last) const {
    auto next = last + 1;
    if (next >= range_.end || serial(next) || serial(last)) return last;
    if (!joined(next)) return possessive_name(next) ? next : last;
    const auto r = role(next);
    if (r == Role::number && words_[last].is(class_demonym)) return last;
    if (r == Role::name || r == Role::soft || r == Role::number) return next;
    if (words_[last].is(class_article)) return last;
    for (int joiners = 0; joiners < 3 && next < range_.end && joined(next); ++joiners, ++next) {
      const auto now = role(next);
      if (now == Role::name) return joiners > 0 ? next : last;
      if (now != Role::joiner && !(joiners > 0 && words_[next].is(class_article))) return last;
    }
    return last;
  }

  // "Sayler's Creek", "People's Republic": not something that the first has, but one name.
  bool possessive_name(std::uint32_t next) const {
    if (words_[next].gap != (gap_possessive | gap_space) || !words_[next].has(word_capital))
      return false;
    if (words_[next].is(class_place) || words_[next - 1].is(class_people)) return true;
    return words_[next].is(class_organisation) &&
           (next + 1 >= range_.end || words_.folded(next + 1) != "of");
  }

  void add(std::uint32_t first, std::uint32_t last) {
    NameSpan name{first, last, first, sentence_};
    name.certain = true;
    name.linked = links_on(last);
    reading_.names.push_back(name);
  }

  // Whether another name follows closely enough to be of the same title.
  bool links_on(std::uint32_t last) const {
    int linkers = 0;
    for (auto i = last + 1; i < range_.end && (words_[i].gap & ~linking_gaps) == 0; ++i) {
      const auto r = role(i);
      if (r == Role::name || r == Role::soft || r == Role::number) return true;
      if ((r != Role::linker && r != Role::joiner) || ++linkers > 3) return false;
    }
    return false;
  }

  // "So quoted" and 《so》. A quotation is a name only when it is written as a title.
  void quotes() {
    bool open = false;
    std::uint32_t from = 0;
    for (auto i = range_.first; i <= range_.end; ++i) {
      const auto gap = i < words_.size() ? words_[i].gap : words_.last_gap();
      if (open && (gap & (gap_quote | gap_quote_close)) != 0) {
        open = false;
        if (i > from && i - from <= max_quoted_words && written_as_title(from, i))
          quoted(from, i - 1);
        if ((gap & gap_quote_open) == 0) continue;
      }
      if ((gap & (gap_quote | gap_quote_open)) != 0) {
        open = true;
        from = i;
      }
    }
  }

  bool written_as_title(std::uint32_t first, std::uint32_t end) const {
    if (words_[first].has(word_han)) return false; // the Chinese rules see to it
    if (!words_[first].has(word_capital) && !words_[first].has(word_digit)) return false;
    for (auto i = first; i < end; ++i) {
      const auto& word = words_[i];
      if (!word.has(word_capital) && !word.has(word_digit) &&
          !word.is(class_linker | class_joiner) && word.size > 1)
        return false;
    }
    return true;
  }

  void quoted(std::uint32_t first, std::uint32_t last) {
    reading_.mention(first, last, true, Kind::work);
    reading_.quoted.push_back({first, last + 1});
  }

  Reading& reading_;
  const Words& words_;
  WordRange range_;
  std::uint32_t sentence_ = 0;
};

} // namespace

void find_spans(Reading& reading) { SpanFinder{reading}.run(); }

} // namespace graphrag::entity
