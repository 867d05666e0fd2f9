#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_part_words = 8;   // of an inner part
constexpr std::uint32_t max_title_words = 14; // of names linked into one title
constexpr std::uint32_t max_linked_names = 4;
constexpr std::uint32_t max_quoted_words = 15;
constexpr std::uint32_t long_name_words = 12; // more is a line in capitals: only short parts of it

constexpr std::uint16_t joining_gaps = gap_space | gap_hyphen | gap_apostrophe;
constexpr std::uint16_t linking_gaps = joining_gaps | gap_comma | gap_colon | gap_possessive;

enum class Role : std::uint8_t { none, name, soft, number, joiner, linker };

class NameFinder {
public:
  explicit NameFinder(Reading& reading) : reading_(reading), words_(reading.words) {}

  void run() {
    for (std::uint32_t s = 0; s < reading_.sentences.size(); ++s) {
      sentence_ = s;
      range_ = reading_.sentences[s];
      quotes();
      runs();
    }
    join_title();
    settle_first_words();
    for (std::size_t i = 0; i < reading_.names.size(); ++i) {
      whole(reading_.names[i]);
      parts(reading_.names[i]);
      titles(i);
    }
  }

private:
  // Only spaces, hyphens and apostrophes before word i, or the full stop of an abbreviation.
  bool joined(std::uint32_t i, std::uint16_t allowed = joining_gaps) const {
    const auto gap = words_[i].gap;
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
    if (word.has(word_digit)) return Role::number;
    if (!word.has(word_capital)) {
      if (word.is(class_joiner)) return Role::joiner;
      return word.is(class_linker) ? Role::linker : Role::none;
    }
    if (word.is(class_weekday) || date_month(i)) return Role::none;
    const bool opens =
        i == range_.first || (word.gap & (gap_stop | gap_quote | gap_quote_open)) != 0;
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
      add(i, last);
      i = last + 1;
    }
  }

  // The last word of the name when it goes on after `last`; `last` when it does not.
  std::uint32_t extend(std::uint32_t last) const {
    auto next = last + 1;
    if (next >= range_.end || !joined(next)) return last;
    const auto r = role(next);
    if (r == Role::name || r == Role::soft || r == Role::number) return next;
    if (words_[last].is(class_article)) return last;
    for (int joiners = 0; joiners < 3 && next < range_.end && joined(next); ++joiners, ++next) {
      const auto now = role(next);
      if (now == Role::name) return joiners > 0 ? next : last;
      if (now != Role::joiner && !(joiners > 0 && words_[next].is(class_article))) return last;
    }
    return last;
  }

  void add(std::uint32_t first, std::uint32_t last) {
    reading_.names.push_back({first, last, first, sentence_, true, links_on(last), Kind::unknown});
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
        continue;
      }
      const auto& word = words_[first];
      if (first == name.last) {
        const bool lone_function = word.is(class_function | class_month) && !word.has(word_upper);
        const bool opens = first == sentence_first;
        name.certain =
            !lone_function && word.size > 1 && !word.has(word_digit) &&
            (!opens || word.has(word_upper) || defined_next(first) || capital_elsewhere(first));
      }
    }
  }

  // "1987 American-Mexican" before a lower-case noun.
  bool adjectives(std::uint32_t first, std::uint32_t last) const {
    for (auto i = first; i <= last; ++i)
      if (!words_[i].is(class_demonym) && !words_[i].has(word_digit)) return false;
    return last + 1 < words_.size() && !words_[last + 1].has(word_capital) &&
           (words_[last + 1].gap & ~joining_gaps) == 0;
  }

  bool soft_at(std::uint32_t i, std::uint32_t sentence_first) const {
    return words_[i].is(class_article) || i == sentence_first ||
           (words_[i].gap & (gap_stop | gap_quote | gap_quote_open)) != 0;
  }
  bool defined_next(std::uint32_t i) const {
    if (i + 1 >= words_.size()) return false;
    if (words_[i + 1].is(class_be) || (words_[i + 1].gap & (gap_possessive | gap_open)) != 0)
      return true;
    return (words_[i + 1].gap & gap_comma) != 0 && !words_.folded(i).ends_with("ly");
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

  void whole(NameSpan& name) {
    const auto sentence_first = reading_.sentences[name.sentence].first;
    auto first = name.first;
    while (first < name.last && soft_at(first, sentence_first) &&
           words_[first].is(class_function) && !words_[first].has(word_upper))
      ++first;
    if (first > name.first) // "In 855 Queen Teutberga"
      while (first < name.last && words_[first].has(word_digit)) ++first;
    name.kind = kind_of_name(words_, first, name.last);
    name.core = first;
    name.certain = name.certain && name.last - first < long_name_words;
    if (name.certain) reading_.mention(first, name.last, true, name.kind);
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
  WordRange range_;
  std::uint32_t sentence_ = 0;
};

} // namespace

void find_names(Reading& reading) { NameFinder{reading}.run(); }

} // namespace graphrag::entity
