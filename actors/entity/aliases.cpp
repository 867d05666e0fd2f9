#include <algorithm>
#include <array>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/name_shape.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr float alias_home_confidence = 0.8F; // the topic's other name
constexpr std::uint32_t max_alias_words = 8;

class AliasFinder {
public:
  explicit AliasFinder(Reading& reading)
      : reading_(reading), words_(reading.words), chunk_(*reading.chunk) {}

  void run() {
    for (std::uint32_t s = 0; s < reading_.sentences.size(); ++s) {
      const auto range = reading_.sentences[s];
      for (auto i = range.first; i < range.end; ++i) {
        if ((words_[i].gap & gap_open) != 0 && i > range.first) bracket(s, i);
      }
    }
    title_qualifier();
    titled_subject();
    surnames();
  }

private:
  // "World Health Organization (WHO)" and "WHO (World Health Organization)".
  void bracket(std::uint32_t s, std::uint32_t open) {
    const auto range = reading_.sentences[s];
    if ((words_.gap_after(open) & gap_close) != 0) {
      if (is_acronym(open)) long_form_before(s, open);
      return;
    }
    if (!is_acronym(open - 1)) return;
    auto end = open;
    while (end < range.end && end - open < max_alias_words &&
           (end == open || (words_[end].gap & gap_close) == 0))
      ++end;
    if ((words_.gap_after(end - 1) & gap_close) != 0 && spells(open, end, open - 1))
      add_acronym(s, open, end - 1, open - 1);
  }

  bool is_acronym(std::uint32_t i) const {
    const auto& word = words_[i];
    const auto letters = word.size;
    return letters >= 2 && letters <= 8 &&
           (word.has(word_upper) || (word.has(word_initial) && letters > 1)) &&
           !word.is(class_organisation); // "Inc", "TV"
  }

  void long_form_before(std::uint32_t s, std::uint32_t acronym) {
    const auto range = reading_.sentences[s];
    const auto most = std::min<std::uint32_t>(acronym - range.first, 2 * words_[acronym].size);
    for (std::uint32_t count = 2; count <= most; ++count) {
      const auto first = acronym - count;
      if (!words_[first].is(class_article | class_linker) && spells(first, acronym, acronym)) {
        add_acronym(s, first, acronym - 1, acronym);
        return;
      }
    }
  }

  // Whether the words' first letters are the acronym's; small words between may be left out.
  bool spells(std::uint32_t first, std::uint32_t end, std::uint32_t acronym) const {
    const auto letters = words_.folded(acronym);
    std::size_t at = 0;
    for (auto i = first; i < end; ++i) {
      const auto word = words_.folded(i);
      if (at < letters.size() && !word.empty() && word[0] == letters[at])
        ++at;
      else if (!words_[i].is(class_linker | class_joiner))
        return false;
    }
    return at == letters.size();
  }

  void add_acronym(std::uint32_t s, std::uint32_t first, std::uint32_t last,
                   std::uint32_t acronym) {
    reading_.mention(first, last, true, kind_of_name(words_, first, last));
    reading_.mention(acronym, acronym, true, kind_of_name(words_, first, last));
    const auto short_form = words_.normal(acronym, acronym);
    const auto long_form = words_.normal(first, last);
    reading_.alias(long_form, reading_.display(first, last), short_form,
                   reading_.display(acronym, acronym), reading_.sentence_span(s),
                   AliasRule::acronym);
    if (long_form == reading_.topic)
      reading_.home(short_form, reading_.display(acronym, acronym), alias_home_confidence,
                    Kind::unknown);
  }

  // "Polish-Russian War (film)" is also "Polish-Russian War", unless others are too.
  void title_qualifier() {
    if (reading_.title.empty() || reading_.topic.empty()) return;
    const bool one_word = reading_.topic.find(' ') == std::string::npos;
    if (chunk_.index != 0 || one_word) { // "The Thing" of another text is not this one
      const auto at = reading_.keys.find(name_key(reading_.topic));
      if (at >= chunk_.mentions.size() || chunk_.mentions[at].normal.empty()) return;
    }
    const std::uint32_t end = chunk_.sentences.empty() ? 0 : chunk_.sentences.front().end;
    reading_.alias(reading_.title, reading_.title_display, reading_.topic, reading_.topic_display,
                   {0, end}, AliasRule::title_qualifier);
  }

  // "Sir Sidney Poitier" in the text that is titled "Sidney Poitier": both are said to be the same.
  void titled_subject() {
    for (const auto& home : chunk_.homes)
      for (const std::string_view title : {"sir ", "dame ", "dr "})
        for (const auto& other : chunk_.homes)
          if (home.normal.starts_with(title) && home.normal.substr(title.size()) == other.normal)
            reading_.alias(other.normal, other.display, home.normal, home.display, {0, 0},
                           AliasRule::also_known_as);
  }

  // "Holmes" alone or "Mr. Holmes", in a chunk where only one longer name of a person ends in it.
  void surnames() {
    for (const auto& lone : reading_.names) {
      if (!lone.certain || !words_[lone.last].has(word_capital)) continue;
      const bool titled = with_title(lone);
      if (lone.core != lone.last && !titled) continue;
      const auto word = words_.folded(lone.last);
      const NameSpan* longer = nullptr;
      bool one = true;
      for (const auto& name : reading_.names) {
        if (name.last == name.core || !name.certain || words_.folded(name.last) != word) continue;
        if (with_title(name)) continue;
        if (longer != nullptr &&
            words_.normal(name.core, name.last) != words_.normal(longer->core, longer->last))
          one = false;
        longer = &name;
      }
      if (words_[lone.last].has(word_upper) || words_[lone.last].is(class_roman)) continue;
      if (words_[lone.last].is(class_honorific) && !words_[lone.last].is(class_is_person)) continue;
      if (longer != nullptr && patronymic(*longer)) continue;
      if (longer == nullptr || !one || longer->last - longer->core > 2) continue;
      if (longer->core > 0 && words_[longer->core - 1].is(class_article)) continue; // "the X Y"
      if (kind_of_name(words_, longer->core, longer->last) != Kind::person &&
          !plain_person(*longer))
        continue;
      reading_.alias(words_.normal(longer->core, longer->last),
                     reading_.display(longer->core, longer->last),
                     words_.normal(lone.core, lone.last), reading_.display(lone.core, lone.last),
                     words_.span(lone.core, lone.last), AliasRule::surname);
    }
  }
  // "Mr. Holmes"; "Mrs. Holmes" may be anybody's wife.
  bool with_title(const NameSpan& name) const {
    return name.core + 1 == name.last && words_[name.core].is(class_honorific) &&
           name_shape(words_.normal(name.core, name.last)).form == Form::title_last;
  }

  // "Comgall mac Domangairt" and "Yuen Woo-ping" are not called by the last word.
  bool patronymic(const NameSpan& name) const {
    const auto before = words_.folded(name.last - 1);
    return (words_[name.last].gap & gap_hyphen) != 0 || before == "mac" || before == "bin" ||
           before == "ibn" || before == "ben" || before == "ap" || before == "bint";
  }

  // Two or three capitalised words none of which names a kind of thing.
  bool plain_person(const NameSpan& name) const {
    const bool opens = name.core == reading_.sentences[name.sentence].first;
    if (opens && words_.folded(name.core).ends_with("ing")) return false; // "Taking Sword was"
    for (auto i = name.core; i <= name.last; ++i)
      if (!words_[i].has(word_capital) || words_[i].has(word_upper) ||
          words_[i].is(class_organisation | class_place | class_event | class_demonym |
                       class_function | class_month))
        return false;
    return true;
  }

  Reading& reading_;
  const Words& words_;
  chunk::AnalysedChunk& chunk_;
};

} // namespace

void find_aliases(Reading& reading) {
  find_other_names(reading);
  AliasFinder{reading}.run();
}

} // namespace graphrag::entity
