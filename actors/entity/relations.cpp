#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_between = 8;
constexpr std::uint32_t max_long_between = 20; // then only the end of it is the predicate
constexpr std::uint32_t max_preposition = 6;   // words of "in the northern part of"

class RelationFinder {
public:
  explicit RelationFinder(Reading& reading) : reading_(reading), words_(reading.words) {}

  void run() {
    std::size_t at = 0;
    const auto& names = reading_.names;
    for (std::uint32_t s = 0; s < reading_.sentences.size(); ++s) {
      while (at < names.size() && names[at].sentence < s) ++at;
      auto end = at;
      while (end < names.size() && names[end].sentence == s) ++end;
      sentence(s, at, end);
      at = end;
    }
  }

private:
  void sentence(std::uint32_t s, std::size_t from, std::size_t to) {
    const auto range = reading_.sentences[s];
    const NameSpan* before = nullptr;
    const NameSpan* subject = nullptr;
    const NameSpan* person = nullptr; // the first
    std::uint32_t until = 0;          // where the words before an owner and its "spokesman" end
    for (auto i = from; i < to; ++i) {
      const auto& name = reading_.names[i];
      if (!name.certain) continue;
      const auto object = reading_.normal(name);
      const auto* next = next_certain(i, to);
      if (before != nullptr && next != nullptr && name.kind != Kind::person &&
          role_before_name(words_, name.last + 1, next->core)) {
        if (until == 0) until = name.core;
        continue; // "shot Leeds reporter Ann Lee": Leeds is no object
      }
      const auto end = until == 0 ? name.core : until;
      until = 0;
      if (person == nullptr && name.kind == Kind::person) person = &name;
      if (before != nullptr) {
        const auto* of = of_subject(before->last + 1, end) ? subject : before;
        if (of == subject && of != before && person != nullptr && person != &name &&
            sets_scene(*of))
          of = person;
        add(s, reading_.normal(*of), object, before->last + 1, end);
      } else if (words_[range.first].is(class_pronoun) && name.core > range.first + 1 &&
                 !reading_.topic.empty()) {
        add(s, reading_.topic, object, range.first + 1, name.core);
      } else {
        subject = &name;
      }
      if (subject == nullptr) subject = &name;
      before = &name;
    }
  }

  const NameSpan* next_certain(std::size_t i, std::size_t to) const {
    while (++i < to)
      if (reading_.names[i].certain) return &reading_.names[i];
    return nullptr;
  }

  // "In Leeds, Ann Lee, a writer, was": the place is not whom it is said of.
  bool sets_scene(const NameSpan& name) const {
    if (name.kind == Kind::place) return true;
    const auto next = name.last + 1;
    return name.kind == Kind::unknown && words_[next].gap == gap_space &&
           words_[next].is(class_linker | class_joiner);
  }

  // ", was the wife of X" and "and starring X" speak of the sentence's subject; ", an adviser of X"
  // and ", who was born in X" of the name before.
  bool of_subject(std::uint32_t first, std::uint32_t end) const {
    if (first >= end) return false;
    if (words_.folded(first) == "and") return true;
    if ((words_[first].gap & gap_comma) == 0) return false;
    return words_[first].is(class_be | class_verb | class_relational) &&
           !words_[first].is(class_role);
  }

  // The words [first, end) as a predicate, when they can be one.
  void add(std::uint32_t s, std::string_view subject, std::string_view object, std::uint32_t first,
           std::uint32_t end) {
    while (first < end && words_[first].has(word_digit)) ++first; // an age
    if (end <= first || subject == object || role_before_name(words_, first, end)) return;
    // After an aside in brackets only what follows it counts.
    for (auto i = end - 1; i > first; --i)
      if ((words_[i].gap & gap_close) != 0) {
        first = i;
        break;
      }
    for (auto i = first + 1; i <= end; ++i) {
      const auto& last = words_[i - 1];
      const bool abbreviated = last.is(class_abbreviation) || last.has(word_initial); // "Dr."
      if ((words_[i].gap & (gap_open | gap_other | (abbreviated ? 0 : gap_stop))) != 0) return;
    }
    if (end - first > max_between) first = last_telling(first, end);
    if (end - first > max_between) return;
    bool says = prepositions(first, end);
    for (auto i = first; i < end && !says; ++i) says = tells(i);
    if (!says) return;
    std::string predicate;
    for (auto i = first; i < end; ++i) {
      if (words_[i].has(word_digit)) continue;
      if (!predicate.empty()) predicate += ' ';
      predicate += words_.folded(i);
    }
    reading_.relation(subject, std::move(predicate), object, s);
  }

  // "is a 1987 ... biographical film directed by": from the last word that tells a relation.
  std::uint32_t last_telling(std::uint32_t first, std::uint32_t end) const {
    if (end - first > max_long_between) return first;
    auto at = end;
    while (at > first && !words_[at - 1].is(class_verb | class_killing)) --at;
    if (at > first && end - at < max_between) return at - 1;
    at = end;
    while (at > first && !tells(at - 1)) --at;
    return at > first ? at - 1 : first;
  }

  // "of the", "in northern"
  bool prepositions(std::uint32_t first, std::uint32_t end) const {
    if (end - first > max_preposition) return false;
    const auto& before = words_[first - 1];
    if (words_[first].gap != gap_space && !before.has(word_digit) &&
        !before.is(class_abbreviation)) // "25, of", "Co. of"
      return false;
    bool any = false;
    for (auto i = first; i < end; ++i) {
      const auto word = words_.folded(i);
      any = any || word == "of" || word == "in" || word == "at" || word == "near" || word == "from";
      if (i > first && words_[i].gap != gap_space) return false;
      if (!words_[i].is(class_article | class_place | class_is_place | class_joiner |
                        class_linker) &&
          !word.ends_with("ern") && !word.starts_with("north") && !word.starts_with("south") &&
          word != "near" && word != "part" && word != "section")
        return false;
    }
    return any && words_.folded(first) != "and" && words_.folded(first) != "to";
  }

  bool tells(std::uint32_t i) const {
    const auto& word = words_[i];
    if (word.is(class_relational | class_is_person | class_verb | class_role | class_killing))
      return true;
    const auto folded = words_.folded(i);
    return folded.size() > 4 && folded.ends_with("ed") && !word.has(word_capital);
  }

  Reading& reading_;
  const Words& words_;
};

} // namespace

void find_relations(Reading& reading) { RelationFinder{reading}.run(); }

} // namespace graphrag::entity
