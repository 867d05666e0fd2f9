#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_between = 8;
constexpr std::uint32_t max_long_between = 20; // then only the end of it is the predicate
constexpr std::size_t max_relations = 64;

class RelationFinder {
public:
  explicit RelationFinder(Reading& reading)
      : reading_(reading), words_(reading.words), chunk_(*reading.chunk) {}

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
    for (auto i = from; i < to; ++i) {
      const auto& name = reading_.names[i];
      if (!name.certain) continue;
      const auto object = words_.normal(name.core, name.last);
      if (before != nullptr) {
        // ", was the wife of X" and "and starring X" speak of the sentence's subject.
        const auto& opening = words_[before->last + 1];
        const bool goes_on =
            (opening.gap & gap_comma) != 0 || words_.folded(before->last + 1) == "and";
        const auto& of = goes_on ? *subject : *before;
        add(s, words_.normal(of.core, of.last), object, before->last + 1, name.core);
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

  // The words [first, end) as a predicate, when they can be one.
  void add(std::uint32_t s, std::string_view subject, std::string_view object, std::uint32_t first,
           std::uint32_t end) {
    if (end <= first || subject == object || chunk_.relations.size() >= max_relations) return;
    // After an aside in brackets only what follows it counts.
    for (auto i = end - 1; i > first; --i)
      if ((words_[i].gap & gap_close) != 0) {
        first = i;
        break;
      }
    for (auto i = first + 1; i <= end; ++i)
      if ((words_[i].gap & (gap_stop | gap_open | gap_other)) != 0) return;
    if (end - first > max_between) first = last_telling(first, end);
    if (end - first > max_between) return;
    bool says = false;
    for (auto i = first; i < end && !says; ++i) says = tells(i);
    if (!says) return;
    std::string predicate;
    for (auto i = first; i < end; ++i) {
      if (words_[i].has(word_digit)) continue;
      if (!predicate.empty()) predicate += ' ';
      predicate += words_.folded(i);
    }
    const auto range = reading_.sentences[s];
    chunk_.relations.push_back({std::string{subject}, std::string{object}, std::move(predicate),
                                words_.span(range.first, range.end - 1)});
  }

  // "is a 1987 ... biographical film directed by": from the last word that tells a relation.
  std::uint32_t last_telling(std::uint32_t first, std::uint32_t end) const {
    if (end - first > max_long_between) return first;
    auto at = end;
    while (at > first && !tells(at - 1)) --at;
    return at > first ? at - 1 : first;
  }

  bool tells(std::uint32_t i) const {
    const auto& word = words_[i];
    if (word.is(class_relational | class_is_person | class_verb)) return true;
    const auto folded = words_.folded(i);
    return folded.size() > 4 && folded.ends_with("ed") && !word.has(word_capital);
  }

  Reading& reading_;
  const Words& words_;
  chunk::AnalysedChunk& chunk_;
};

} // namespace

void find_relations(Reading& reading) { RelationFinder{reading}.run(); }

} // namespace graphrag::entity
