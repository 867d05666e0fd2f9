#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/name_variants.hpp"
#include "actors/entity/reading.hpp"
#include "actors/entity/subject_grammar.hpp"

namespace graphrag::entity {
namespace {

// How sure we are that a chunk says what the name is. A title is certain; the rest are guesses
// from how the text is written, worth less the less specific the name.
constexpr float title_confidence = 1.0F;
constexpr float title_base_confidence = 0.95F;  // "X (film)" as X
constexpr float title_comma_confidence = 0.65F; // "X, West Virginia" as X
constexpr float heading_confidence = 0.8F;
constexpr float opening_confidence = 0.9F; // the title's subject under its full name
constexpr float born_confidence = 0.75F;
constexpr float definition_confidence = 0.7F;
constexpr float loose_definition_confidence = 0.5F; // a subject that is not written as a name
constexpr float apposition_confidence = 0.35F;
constexpr float glossary_confidence = 0.55F;
constexpr float single_word_discount = 0.15F;
constexpr float known_as_confidence = 0.65F;
constexpr float work_title_confidence = 0.65F;
constexpr float shorter_discount = 0.05F; // "Peter" of "Peter, Count of Dreux"

constexpr std::uint32_t max_title_words = 14;
constexpr std::uint32_t max_subject_words = 8;

class HomeFinder {
public:
  explicit HomeFinder(Reading& reading)
      : reading_(reading), words_(reading.words), grammar_(reading.words, reading.text) {}

  void title(std::string_view written) {
    thread_local Words parts;
    parts.read(written);
    if (parts.size() == 0 || parts.size() > max_title_words) return;
    const auto last = static_cast<std::uint32_t>(parts.size() - 1);
    const auto whole = parts.normal(0, last);
    const auto shown = trim(written);
    const auto kind = kind_of_title(parts, last);
    reading_.home(whole, shown, title_confidence, kind);
    auto title_end = last;
    for (std::uint32_t i = 1; i <= last; ++i) {
      const auto base = written.substr(0, parts[i - 1].end);
      if ((parts[i].gap & gap_open) != 0) {
        reading_.home(parts.normal(0, i - 1), trim(base), title_base_confidence, kind);
        title_end = i - 1;
        break;
      }
      if ((parts[i].gap & gap_comma) != 0 && parts[i].has(word_capital)) {
        reading_.home(parts.normal(0, i - 1), trim(base), title_comma_confidence, kind);
        break;
      }
    }
    reading_.topic = parts.normal(0, title_end);
    if (whole != reading_.topic && std::string_view{whole}.starts_with(reading_.topic) &&
        shown.find('(') != std::string_view::npos && !of_the_name(whole)) {
      reading_.title = whole;
      reading_.title_display = shown;
    }
    reading_.topic_display = trim(written.substr(0, parts[title_end].end));
  }

  void heading(std::string_view written) {
    thread_local Words parts;
    parts.read(written);
    if (parts.size() == 0 || parts.size() > max_subject_words) return;
    std::uint32_t first = 0;
    const auto last = static_cast<std::uint32_t>(parts.size() - 1);
    while (first < last && parts[first].has(word_digit)) ++first; // "2.1 Overview"
    if (generic(parts, first, last)) return;
    reading_.home(parts.normal(first, last), trim(written.substr(parts[first].start)),
                  heading_confidence, Kind::unknown);
    if (reading_.topic.empty())
      set_topic(parts.normal(first, last), trim(written.substr(parts[first].start)));
  }

  // "X is a ...", "X (born ...", "X: ..." at the beginning of sentence s.
  void definition(std::uint32_t s) {
    const auto range = reading_.sentences[s];
    const bool opens = s == 0 && reading_.chunk->index == 0;
    if (opens) work_title(range);
    reading_.said = {};
    const auto subject = grammar_.subject_end(range);
    if (subject == range.first || generic(words_, range.first, subject - 1)) return;
    const auto last = subject - 1;
    const auto first = grammar_.subject_start(range.first, last);
    // "The film is a remake" speaks of a film that was named before.
    if (first == last && first > range.first && !words_[first].has(word_capital)) return;
    bool born = false;
    auto after = grammar_.skip_aside(subject, range.end, born);
    bool defined = grammar_.is_definition(after, range.end);
    std::uint32_t whole = last; // with ", Duke of Nassau"
    if (const auto end = opens ? grammar_.over_commas(subject, range.end) : subject;
        end > subject) {
      bool born_there = false;
      after = defined || born ? after
                              : grammar_.skip_aside(grammar_.skip_letters(end, range.end),
                                                    range.end, born_there);
      born = born || born_there;
      defined = defined || grammar_.is_definition(after, range.end);
      whole = end - 1;
    }
    if (!defined && !born && !grammar_.glossary(range, subject)) return;
    if (defined || born)
      reading_.said = read_definition(words_, subject, after,
                                      says_from(range, after, defined, opens), range.end, born);
    float confidence = glossary_confidence;
    if (defined)
      confidence = grammar_.written_as_name(first, last) ? definition_confidence
                                                         : loose_definition_confidence;
    if (born) confidence = born_confidence;
    if (first == last) confidence -= single_word_discount;
    auto kind = defined ? kind_of_definition(words_, after + 1, range.end) : Kind::unknown;
    if (born && kind == Kind::unknown) kind = Kind::person;
    if (kind == Kind::unknown) kind = kind_of_name(words_, first, last);
    if (opens && !reading_.topic.empty()) {
      teach_title(kind, defined || reading_.topic == words_.normal(first, last));
      if (ends_topic(last) && topic_words() <= last - first + 3) confidence = opening_confidence;
    }
    reading_.home(words_.normal(first, whole), reading_.display(first, whole), confidence, kind);
    if (whole != last)
      reading_.home(words_.normal(first, last), reading_.display(first, last),
                    confidence - shorter_discount, kind);
    if (opens && first > range.first && !words_[range.first].is(class_article) &&
        words_[first].has(word_capital)) // "Just Friends", "Before I Disappear"
      reading_.home(words_.normal(range.first, last), reading_.display(range.first, last),
                    confidence, kind);
    if (opens) known_as(range, last + 1, kind);
    for (auto i = first + 1; opens && i < last; ++i)
      if (words_.folded(i) == "or") { // "Possession or Phroso"
        reading_.home(words_.normal(first, i - 1), reading_.display(first, i - 1), confidence,
                      kind);
        reading_.home(words_.normal(i + 1, last), reading_.display(i + 1, last), confidence, kind);
      }
    if (opens && grammar_.written_as_name(first, last))
      for (const auto& variant :
           name_variants(reading_.text, words_, first, last, born || kind == Kind::person))
        reading_.home(variant.normal, variant.display, confidence * variant.factor, kind);
    if (reading_.topic.empty())
      set_topic(words_.normal(first, last), reading_.display(first, last));
  }

  // Where the words begin that say what it is. "The United States is the largest producer" says
  // that only where it opens a document.
  std::uint32_t says_from(WordRange range, std::uint32_t after, bool defined, bool opens) const {
    if (defined) return opens || words_.folded(after + 1) != "the" ? after + 1 : range.end;
    // "Björn Böhning (born 1978), German politician"
    return after < range.end && (words_[after].gap & gap_comma) != 0 ? after : range.end;
  }

  // "They Only Kill Their Masters is a 1972 film": what a work is called may be any words, verbs
  // too.
  void work_title(WordRange range) {
    const auto limit = std::min(range.end, range.first + max_title_words);
    std::uint32_t aside = 0; // where brackets open
    for (auto i = range.first + 1; i < limit; ++i) {
      if (aside == 0 && (words_[i].gap & gap_open) != 0) aside = i;
      if (!words_[i].is(class_be) || !grammar_.is_definition(i, range.end)) continue;
      if (kind_of_definition(words_, i + 1, range.end) != Kind::work) return;
      const auto last = (aside == 0 ? i : aside) - 1;
      if (!words_[range.first].has(word_capital) || words_[range.first].is(class_pronoun)) {
        if (last < range.first + 2) return; // "It is a film"
      }
      if (last == range.first && words_[last].is(class_function | class_is_work)) return;
      reading_.said = read_definition(words_, last + 1, last + 1, i + 1, range.end, false);
      reading_.home(words_.normal(range.first, last), reading_.display(range.first, last),
                    work_title_confidence, Kind::work);
      return;
    }
  }

  // "popularly known as G. Aravindan", "known by his stage name Canardo": whom the opening sentence
  // is about under another name.
  void known_as(WordRange range, std::uint32_t from, Kind kind) {
    bool known = false;
    for (auto i = from; i + 1 < range.end; ++i) {
      const auto word = words_.folded(i);
      if (word == "known" || word == "called") known = true;
      if (!known || (word != "as" && word != "name" && word != "called")) continue;
      for (const auto& name : reading_.names)
        if (name.core == i + 1 || (name.first == i + 1 && name.core <= name.last))
          reading_.home(words_.normal(i + 1, name.last), reading_.display(i + 1, name.last),
                        known_as_confidence, kind);
      known = word == "as" && (words_[i + 1].gap & gap_quote) != 0;
    }
  }

  // "Luis Mandoki, a Mexican film director, ..."
  void appositions() {
    for (const auto& name : reading_.names) {
      if (!name.certain || name.last == name.core) continue;
      const auto next = name.last + 1;
      const auto end = reading_.sentences[name.sentence].end;
      if (next + 1 >= end || words_[next].gap != (gap_comma | gap_space)) continue;
      if (!words_[next].is(class_article) || words_[next].has(word_capital)) continue;
      const auto kind = kind_of_definition(words_, next + 1, end);
      if (kind == Kind::unknown) continue;
      reading_.said = read_definition(words_, next, next, next, end, false);
      reading_.home(words_.normal(name.core, name.last), reading_.display(name.core, name.last),
                    apposition_confidence, kind);
    }
    reading_.said = {};
  }

private:
  // "Greaves (surname)" is about the word.
  static bool of_the_name(std::string_view title) {
    for (const std::string_view word : {" surname", " given name", " name", " disambiguation"})
      if (title.ends_with(word)) return true;
    return false;
  }

  static std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  }

  // "Materials and Methods": what any text may say, and no name of anything.
  static bool generic(const Words& words, std::uint32_t first, std::uint32_t last) {
    for (auto i = first; i <= last; ++i)
      if (!words[i].is(class_generic | class_function | class_roman) && !words[i].has(word_digit))
        return false;
    return true;
  }

  static Kind kind_of_title(const Words& parts, std::uint32_t last) {
    for (std::uint32_t i = 1; i <= last; ++i)
      if ((parts[i].gap & gap_open) != 0)
        if (auto kind = kind_of_definition(parts, i, last + 1); kind != Kind::unknown) return kind;
    return kind_of_name(parts, 0, last);
  }

  void set_topic(std::string_view normal, std::string_view display) {
    reading_.topic = normal;
    reading_.topic_display = display;
  }

  // The first sentence says of what kind the title is.
  void teach_title(Kind kind, bool tells) {
    for (auto& home : reading_.chunk->homes) {
      if (home.confidence < title_comma_confidence) continue;
      if (home.kind == 0) home.kind = static_cast<std::uint8_t>(kind);
      if (tells) reading_.tell(home);
    }
  }

  std::uint32_t topic_words() const {
    return static_cast<std::uint32_t>(
        1 + std::count(reading_.topic.begin(), reading_.topic.end(), ' '));
  }

  // Whether the word is also the title's last: the same name in full.
  bool ends_topic(std::uint32_t i) const {
    const std::string_view topic = reading_.topic;
    const auto word = words_.folded(i);
    return topic.ends_with(word) &&
           (topic.size() == word.size() || topic[topic.size() - word.size() - 1] == ' ');
  }

  Reading& reading_;
  const Words& words_;
  SubjectGrammar grammar_;
};

} // namespace

void find_title(Reading& reading, std::string_view title) {
  if (title.empty()) return;
  HomeFinder{reading}.title(title);
  if (reading.chunk->index != 0) reading.chunk->homes.clear();
}

void find_homes(Reading& reading, std::span<const std::string_view> headings) {
  HomeFinder finder{reading};
  for (const auto heading : headings) finder.heading(heading);
  for (std::uint32_t s = 0; s < reading.sentences.size(); ++s) finder.definition(s);
  reading.said = {};
  finder.appositions();
  // A name that is at home here is of the kind that its home says.
  for (const auto& home : reading.chunk->homes) {
    if (home.kind == 0) continue;
    const auto at = reading.keys.find(home.key);
    if (at < reading.chunk->mentions.size() && reading.chunk->mentions[at].kind == 0)
      reading.chunk->mentions[at].kind = home.kind;
  }
}

} // namespace graphrag::entity
