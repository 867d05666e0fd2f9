#include <algorithm>
#include <array>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr float alias_home_confidence = 0.8F; // the topic's other name
constexpr std::uint32_t max_alias_words = 8;
constexpr std::size_t max_aliases = 64;

class AliasFinder {
public:
  explicit AliasFinder(Reading& reading)
      : reading_(reading), words_(reading.words), chunk_(*reading.chunk) {}

  void run() {
    for (std::uint32_t s = 0; s < reading_.sentences.size(); ++s) {
      const auto range = reading_.sentences[s];
      for (auto i = range.first; i < range.end; ++i) {
        if ((words_[i].gap & gap_open) != 0 && i > range.first) bracket(s, i);
        if (auto after = known_as(i, range.end); after != i) also_known(s, i, after);
      }
    }
    title_qualifier();
    surnames();
  }

private:
  void add(std::string_view a, std::string_view display_a, std::string_view b,
           std::string_view display_b, chunk::Span span, AliasRule rule) {
    if (a.empty() || b.empty() || a == b || chunk_.aliases.size() >= max_aliases) return;
    for (const auto& known : chunk_.aliases)
      if (known.normal_a == a && known.normal_b == b) return;
    chunk_.aliases.push_back({std::string{a}, std::string{b}, std::string{display_a},
                              std::string{display_b}, span, static_cast<std::uint8_t>(rule)});
  }

  chunk::Span sentence_span(std::uint32_t s) const {
    const auto range = reading_.sentences[s];
    return words_.span(range.first, range.end - 1);
  }

  // The name that ends right before word i.
  const NameSpan* name_before(std::uint32_t i) const {
    auto after = std::upper_bound(
        reading_.names.begin(), reading_.names.end(), i,
        [](std::uint32_t word, const NameSpan& name) { return word <= name.last; });
    return after != reading_.names.begin() && (after - 1)->last + 1 == i ? &*(after - 1) : nullptr;
  }
  const NameSpan* name_at(std::uint32_t i) const {
    auto found =
        std::lower_bound(reading_.names.begin(), reading_.names.end(), i,
                         [](const NameSpan& name, std::uint32_t word) { return name.last < word; });
    return found != reading_.names.end() && found->first <= i ? &*found : nullptr;
  }

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
           (word.has(word_upper) || (word.has(word_initial) && letters > 1));
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
    add(long_form, reading_.display(first, last), short_form, reading_.display(acronym, acronym),
        sentence_span(s), AliasRule::acronym);
    if (long_form == reading_.topic)
      reading_.home(short_form, reading_.display(acronym, acronym), alias_home_confidence,
                    Kind::unknown);
  }

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
    return i;
  }

  void also_known(std::uint32_t s, std::uint32_t phrase, std::uint32_t after) {
    const auto range = reading_.sentences[s];
    if (after >= range.end) return;
    if (after + 1 < range.end && words_[after].is(class_article)) ++after;
    const auto* alias = name_at(after);
    if (alias == nullptr || alias->first > after || alias->last < after) return;
    // Whose name: the sentence's subject, when nothing but an aside stands between.
    const NameSpan* subject = name_at(range.first);
    if (subject == nullptr && range.first + 1 < range.end) subject = name_at(range.first + 1);
    const auto alias_normal = words_.normal(after, alias->last);
    const auto alias_display = reading_.display(after, alias->last);
    reading_.mention(after, alias->last, true, alias->kind);
    if (subject != nullptr && subject->last < phrase && phrase - subject->last < 30) {
      add(words_.normal(subject->first, subject->last),
          reading_.display(subject->first, subject->last), alias_normal, alias_display,
          sentence_span(s), AliasRule::also_known_as);
      if (s == 0 && chunk_.index == 0 && !reading_.topic.empty()) {
        add(reading_.topic, reading_.topic_display, alias_normal, alias_display, sentence_span(s),
            AliasRule::also_known_as);
        reading_.home(alias_normal, alias_display, alias_home_confidence, Kind::unknown);
      }
    } else if (words_[range.first].is(class_pronoun) && !reading_.topic.empty()) {
      add(reading_.topic, reading_.topic_display, alias_normal, alias_display, sentence_span(s),
          AliasRule::also_known_as);
    }
  }

  // "Polish-Russian War (film)" is also "Polish-Russian War", unless others are too.
  void title_qualifier() {
    const chunk::Home* whole = nullptr;
    for (const auto& home : chunk_.homes)
      if (home.confidence == 1.0F) whole = &home;
    if (whole == nullptr || whole->normal == reading_.topic ||
        !whole->normal.starts_with(reading_.topic))
      return;
    if (whole->display.find('(') == std::string::npos) return;
    const std::uint32_t end = chunk_.sentences.empty() ? 0 : chunk_.sentences.front().end;
    const auto normal = whole->normal;
    const auto display = whole->display;
    add(normal, display, reading_.topic, reading_.topic_display, {0, end},
        AliasRule::title_qualifier);
  }

  // "Holmes" alone, in a chunk where only one longer name of a person ends in it.
  void surnames() {
    for (const auto& lone : reading_.names) {
      if (lone.core != lone.last || !lone.certain || !words_[lone.last].has(word_capital)) continue;
      const auto word = words_.folded(lone.last);
      const NameSpan* longer = nullptr;
      bool one = true;
      for (const auto& name : reading_.names) {
        if (name.last == name.core || !name.certain || words_.folded(name.last) != word) continue;
        if (longer != nullptr &&
            words_.normal(name.core, name.last) != words_.normal(longer->core, longer->last))
          one = false;
        longer = &name;
      }
      if (longer == nullptr || !one || longer->last - longer->core > 2) continue;
      if (kind_of_name(words_, longer->core, longer->last) != Kind::person &&
          !plain_person(*longer))
        continue;
      add(words_.normal(longer->core, longer->last), reading_.display(longer->core, longer->last),
          word, reading_.display(lone.last, lone.last), words_.span(lone.last, lone.last),
          AliasRule::surname);
    }
  }

  // Two or three capitalised words none of which names a kind of thing.
  bool plain_person(const NameSpan& name) const {
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

void find_aliases(Reading& reading) { AliasFinder{reading}.run(); }

} // namespace graphrag::entity
