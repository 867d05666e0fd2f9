// "Also known as": other names that a sentence tells.
#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr float alias_home_confidence = 0.8F; // the topic's other name

class OtherNames {
public:
  explicit OtherNames(Reading& reading)
      : reading_(reading), words_(reading.words), chunk_(*reading.chunk) {}

  void run() {
    for (std::uint32_t s = 0; s < reading_.sentences.size(); ++s) {
      const auto range = reading_.sentences[s];
      for (auto i = range.first; i < range.end; ++i)
        if (const auto after = known_as(i, range.end); after != i) also_known(s, i, after);
    }
  }

private:
  // The word after "known as", "a.k.a.", "born", "formerly" ... at word i; i itself when it is not
  // there.
  std::uint32_t known_as(std::uint32_t i, std::uint32_t end) const {
    const auto word = words_.folded(i);
    auto is = [&](std::uint32_t at, std::string_view expected) {
      return at < end && words_.folded(at) == expected;
    };
    if (word == "aka") return i + 1;
    if (word == "a" && is(i + 1, "k") && is(i + 2, "a")) return i + 3;
    if ((word == "known" || word == "called" || word == "published" || word == "titled" ||
         word == "named") &&
        i > 0) {
      const auto before = words_.folded(i - 1);
      if (before != "also" && before != "better" && before != "commonly" && before != "formerly" &&
          before != "originally" && before != "previously" && before != "sometimes" &&
          before != "often")
        return i;
      return is(i + 1, "as")
                 ? i + 2
                 : (word == "called" || word == "titled" || word == "named" ? i + 1 : i);
    }
    if (word == "nicknamed") return i + 1;
    // "Apple Inc., formerly Apple Computer"; "formerly of X" and "formerly known as" are others.
    if ((word == "formerly" || word == "previously") && i + 2 < end &&
        (words_[i].gap & (gap_comma | gap_open)) != 0 && words_[i + 1].has(word_capital) &&
        words_[i + 2].has(word_capital) && words_[i + 2].gap == gap_space)
      return i + 1;
    return i;
  }

  void also_known(std::uint32_t s, std::uint32_t phrase, std::uint32_t after) {
    const auto range = reading_.sentences[s];
    if (after >= range.end) return;
    if (after + 1 < range.end && words_[after].is(class_article)) ++after;
    const auto* alias = reading_.name_at(after);
    if (alias == nullptr || alias->first > after || alias->last < after) return;
    if (nameless(*alias) || !whole_alias(after, alias->last, range.end)) return;
    const auto alias_normal = words_.normal(after, alias->last);
    const auto alias_display = reading_.display(after, alias->last);
    reading_.mention(after, alias->last, true, alias->kind);
    while (phrase > range.first && adverb(phrase - 1)) --phrase;
    const bool passive = phrase > range.first && passive_before(phrase - 1);
    // "Ann, called Kate"; not "Ann also named Kate as", and not over a semicolon.
    constexpr std::uint16_t breaks = gap_comma | gap_open | gap_close;
    if (!passive && !short_for(phrase) && (words_[phrase].gap & breaks) == 0) return;
    if ((words_[phrase].gap & gap_other) != 0) return;
    if (const auto* bearer = bearer_of(range, phrase, passive); bearer != nullptr) {
      const auto normal = words_.normal(bearer->core, bearer->last);
      reading_.alias(normal, reading_.display(bearer->core, bearer->last), alias_normal,
                     alias_display, reading_.sentence_span(s), AliasRule::also_known_as);
      if (s == 0 && chunk_.index == 0 && bearer == subject_of(range) && !reading_.topic.empty()) {
        if (of_topic(normal))
          reading_.alias(reading_.topic, reading_.topic_display, alias_normal, alias_display,
                         reading_.sentence_span(s), AliasRule::also_known_as);
        reading_.home(alias_normal, alias_display, alias_home_confidence, Kind::unknown);
      }
    } else if (passive && s > 0 && !reading_.topic.empty() && stands_for_topic(range.first, s)) {
      reading_.alias(reading_.topic, reading_.topic_display, alias_normal, alias_display,
                     reading_.sentence_span(s), AliasRule::also_known_as);
    }
  }

  bool short_for(std::uint32_t i) const {
    return words_.folded(i) == "aka" || words_.folded(i) == "a";
  }
  // "also", "better" before "known as".
  bool adverb(std::uint32_t i) const {
    const auto word = words_.folded(i);
    for (const std::string_view known :
         {"also", "better", "commonly", "formerly", "originally", "previously", "sometimes",
          "often", "popularly", "usually", "widely", "simply", "and", "best"})
      if (word == known) return true;
    return false;
  }
  bool passive_before(std::uint32_t i) const {
    const auto word = words_.folded(i);
    return words_[i].is(class_be) || word == "been" || word == "be" || word == "became";
  }

  // Not the beginning of more: "[Sister]-in-Law", "[Roll] with Me", "[Babe Ruth] of the minors".
  bool whole_alias(std::uint32_t first, std::uint32_t last, std::uint32_t end) const {
    constexpr std::uint16_t quotes = gap_quote | gap_quote_open | gap_quote_close;
    if ((words_[first].gap & gap_possessive) != 0) return false;
    auto opening = words_[first].gap;
    if (first > 0 && words_[first - 1].is(class_article)) opening |= words_[first - 1].gap;
    const auto gap = words_.gap_after(last);
    if ((opening & quotes) != 0 && (gap & quotes) == 0) return false;
    if (last + 1 >= end) return true;
    const auto& next = words_[last + 1];
    if ((gap & gap_colon) != 0) return !next.has(word_capital);
    if ((gap & gap_open) != 0) return !capital_behind_bracket(last + 1, end);
    if ((gap & ~(gap_space | gap_hyphen | gap_apostrophe | gap_possessive)) != 0) return true;
    if (gap != gap_space || next.has(word_capital | word_digit)) return false;
    const auto word = words_.folded(last + 1);
    if (word == "and") return last + 2 < end && !words_[last + 2].has(word_capital);
    for (const std::string_view behind :
         {"in",     "on",      "at",   "from",  "since", "until", "by",  "or",
          "who",    "which",   "when", "while", "as",    "for",   "but", "before",
          "during", "because", "has",  "had",   "have",  "to"})
      if (word == behind) return true;
    return next.is(class_be | class_verb);
  }
  bool capital_behind_bracket(std::uint32_t open, std::uint32_t end) const {
    for (auto i = open + 1; i < end; ++i)
      if ((words_[i].gap & gap_close) != 0)
        return words_[i].gap == (gap_close | gap_space) && words_[i].has(word_capital);
    return false;
  }

  // The sentence's subject, when it is a name.
  const NameSpan* subject_of(WordRange range) const {
    const NameSpan* subject = reading_.name_at(range.first);
    if (subject == nullptr && range.first + 1 < range.end)
      subject = reading_.name_at(range.first + 1);
    if (subject == nullptr || !subject->certain || nameless(*subject) ||
        (words_[subject->first].is(class_linker) && !words_[subject->first].is(class_article)))
      return nullptr; // "In Germany, also known as"
    return subject;
  }

  // Who is known so, by where the phrase stands: behind a name ("Cnut (better known as", "of Jack
  // Clayton, also known as"), or in what is said of the subject.
  const NameSpan* bearer_of(WordRange range, std::uint32_t phrase, bool passive) const {
    const auto* subject = subject_of(range);
    if (phrase == range.first) return nullptr;
    if (passive) return whole(subject);
    if (const auto open = bracket_around(range.first, phrase); open != 0) {
      const auto* before = reading_.name_before(open);
      const bool first = phrase == open;
      const auto* nearest = first ? nullptr : reading_.name_before(phrase);
      if (nearest != nullptr && nearest->first >= open && !said_already(open, phrase))
        return nearest;
      return before == subject ? whole(subject) : of_its_own(before, range);
    }
    auto at = phrase; // right behind the name, brackets aside
    while (at > range.first && (words_[at].gap & gap_close) != 0) {
      const auto open = bracket_around(range.first, at - 1);
      if (open == 0) break;
      at = open;
    }
    const auto* nearest = reading_.name_before(at);
    if (nearest != nullptr && nearest != subject) {
      const bool title = subject != nullptr &&
                         (nearest->first == subject->last + 1 ||      // ", Prince of Orange,"
                          words_.folded(nearest->first - 1) == "as"); // "known as X, also as Y"
      return title ? whole(subject) : of_its_own(nearest, range);
    }
    if (subject == nullptr || nearest == subject) return whole(subject);
    for (auto i = subject->last + 1; i < at; ++i)
      if (words_[i].is(class_be | class_verb) && !words_[i].has(word_capital) &&
          bracket_around(range.first, i) == 0)
        return nullptr; // of something that the sentence names by no name
    return whole(subject);
  }
  // Not "Sanduleak" of "The Sanduleak-Stephenson Object".
  const NameSpan* whole(const NameSpan* name) const {
    constexpr std::uint16_t joined = gap_hyphen | gap_apostrophe | gap_possessive | gap_other;
    return name == nullptr || (words_.gap_after(name->last) & joined) != 0 ? nullptr : name;
  }
  // "Artists Jean Giraud (better known as" is of him; "five members of the Council (also known as",
  // "Powell and Pressburger, also known as" and "in Isfahan, Iran, also known as" are of more.
  const NameSpan* of_its_own(const NameSpan* name, WordRange range) const {
    if (name == nullptr || name->first == range.first) return whole(name);
    const auto& before = words_[name->first - 1];
    if (before.is(class_article | class_joiner | class_linker) ||
        (words_[name->first].gap & ~(gap_space | gap_quote | gap_quote_open)) != 0)
      return nullptr;
    return whole(name);
  }
  // The first word in the brackets that word i is in; 0: in none.
  std::uint32_t bracket_around(std::uint32_t first, std::uint32_t i) const {
    for (auto at = i; at > first; --at) {
      if (at != i && (words_[at + 1].gap & gap_close) != 0 && (words_[at + 1].gap & gap_open) == 0)
        return 0;
      if ((words_[at].gap & gap_open) != 0) return at;
      if ((words_[at].gap & gap_close) != 0) return 0;
    }
    return 0;
  }
  // "(also known as X, and as Y, also known as Z)": all of them are of whom the brackets follow.
  bool said_already(std::uint32_t from, std::uint32_t end) const {
    for (auto i = from; i < end; ++i)
      if (words_.folded(i) == "known" || words_.folded(i) == "called") return true;
    return false;
  }
  // Whether this is the topic under another name: a word is in both.
  bool of_topic(std::string_view normal) const {
    if (reading_.topic.empty()) return false;
    const auto topic = ' ' + reading_.topic + ' ';
    for (std::size_t at = 0; at < normal.size();) {
      const auto end = std::min(normal.find(' ', at), normal.size());
      if (topic.find(' ' + std::string{normal.substr(at, end - at)} + ' ') != std::string::npos)
        return true;
      at = end + 1;
    }
    return false;
  }
  // "He is also known as": the topic. "It" is what was named last, which is the topic only in the
  // sentence behind the first.
  bool stands_for_topic(std::uint32_t pronoun, std::uint32_t s) const {
    const auto word = words_.folded(pronoun);
    if (word == "he" || word == "she") return true;
    return (word == "it" || word == "they") && s == 1 && chunk_.index == 0;
  }

  // "It", "Formerly", "Japanese": nothing but words that name nothing.
  bool nameless(const NameSpan& name) const {
    for (auto i = name.first; i <= name.last; ++i)
      if (!words_[i].is(class_function | class_pronoun | class_article | class_be | class_demonym))
        return false;
    return true;
  }

  Reading& reading_;
  const Words& words_;
  chunk::AnalysedChunk& chunk_;
};

} // namespace

void find_other_names(Reading& reading) { OtherNames{reading}.run(); }

} // namespace graphrag::entity
