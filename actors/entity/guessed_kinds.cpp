#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_acronym = 6; // letters; a longer one is a word in capitals

class KindFinder {
public:
  explicit KindFinder(Reading& reading) : reading_(reading), words_(reading.words) {}

  void run() {
    for (auto& name : reading_.names)
      if (name.certain && name.kind == Kind::unknown) name.kind = guess(name);
    // What one place tells, the others know.
    auto& mentions = reading_.chunk->mentions;
    for (const auto& name : reading_.names) {
      if (!name.certain) continue;
      const auto at = mention_of(name);
      if (at < mentions.size() && mentions[at].kind == 0)
        mentions[at].kind = static_cast<std::uint8_t>(name.kind);
    }
    for (auto& name : reading_.names) {
      if (!name.certain || name.kind != Kind::unknown) continue;
      const auto at = mention_of(name);
      if (at < mentions.size()) name.kind = static_cast<Kind>(mentions[at].kind);
      if (name.kind == Kind::unknown && looks_like_person(name)) name.kind = Kind::person;
    }
  }

private:
  std::uint32_t mention_of(const NameSpan& name) const {
    return reading_.keys.find(name_key(words_.normal(name.core, name.last)));
  }

  Kind guess(const NameSpan& name) const {
    const auto range = reading_.sentences[name.sentence];
    const auto& last = words_[name.last];
    if (name.core == name.last && last.has(word_initial) && last.size > 1) return Kind::place;
    if (name.core == name.last && last.has(word_upper) && last.size <= max_acronym &&
        name.core > range.first)
      return Kind::organisation;
    const bool plain = plain_name(words_, name.core, name.last);
    if (plain && name.core > range.first && introduced(name.core)) return Kind::person;
    const auto next = name.last + 1;
    if (name.core > range.first && in_place(name.core, name.last)) return Kind::place;
    if (plain && next < range.end && acts(next, range.end) && !article_before(name, range) &&
        (name.core == range.first || words_.folded(name.core - 1) != "of"))
      return Kind::person;
    if (words_[name.core].is(class_place_opening)) return Kind::place;
    if (next < range.end && words_[next].gap == gap_space) return by_office(words_.folded(next));
    return Kind::unknown;
  }
  // Too weak for lists of entities, good enough to choose between the readings of a sentence.
  bool looks_like_person(const NameSpan& name) const {
    const auto count = name.last - name.core + 1;
    return (count == 2 || count == 3) && plain_name(words_, name.core, name.last) &&
           !article_before(name, reading_.sentences[name.sentence]);
  }

  // "spokesman Fred Farrar"
  bool introduced(std::uint32_t i) const {
    const auto& before = words_[i - 1];
    return before.is(class_role | class_is_person | class_office) &&
           !before.is(class_organ_adjective) &&
           (words_[i].gap & ~(gap_space | (before.is(class_abbreviation) ? gap_stop : 0))) == 0;
  }
  // "Baghdad Mayor", "Acme spokesman"
  static Kind by_office(std::string_view next) {
    for (const std::string_view word :
         {"mayor", "governor", "gov", "native", "resident", "residents"})
      if (next == word) return Kind::place;
    for (const std::string_view word :
         {"spokesman", "spokeswoman", "chairman", "official", "officials", "executive",
          "correspondent", "reporter", "employee", "commissioner", "administrator"})
      if (next == word) return Kind::organisation;
    return Kind::unknown;
  }
  // "X said", "X, 34,", "X, who"
  bool acts(std::uint32_t i, std::uint32_t end) const {
    const auto& word = words_[i];
    if ((word.gap & ~(gap_space | gap_comma)) != 0) return false;
    if (word.has(word_digit))
      return (word.gap & gap_comma) != 0 && word.size <= 2 && i + 1 < end &&
             (words_[i + 1].gap & gap_comma) != 0;
    if (word.is(class_says)) return true;
    return word.is(class_be) && i + 1 < end && words_.folded(i + 1) == "born";
  }
  bool article_before(const NameSpan& name, WordRange range) const {
    return name.core > range.first && words_[name.core - 1].is(class_article);
  }
  bool in_place(std::uint32_t i, std::uint32_t last) const {
    const auto before = words_.folded(i - 1);
    return words_[i].gap == gap_space &&
           (before == "in" || before == "near" || before == "outside") &&
           !words_[i - 1].has(word_digit) && (words_.gap_after(last) & gap_possessive) == 0;
  }

  Reading& reading_;
  const Words& words_;
};

} // namespace

void find_kinds(Reading& reading) { KindFinder{reading}.run(); }

} // namespace graphrag::entity
