#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_role_words = 6;  // "senior vice president and treasurer"
constexpr std::uint32_t max_deed_words = 30; // from the killer to "the murder of"
constexpr std::uint32_t max_by_words = 14;   // from "shot" to "by"

// Who killed whom, over more words than other relations bridge.
class DeedFinder {
public:
  explicit DeedFinder(Reading& reading) : reading_(reading), words_(reading.words) {}

  void run() {
    const auto& names = reading_.names;
    std::size_t at = 0;
    for (std::uint32_t s = 0; s < reading_.sentences.size(); ++s) {
      names_.clear();
      for (; at < names.size() && names[at].sentence <= s; ++at)
        if (names[at].certain) names_.push_back(&names[at]);
      sentence_ = s;
      range_ = reading_.sentences[s];
      deeds();
      deeds_by();
    }
  }

private:
  // "X was convicted of killing Y", "X ... the assassination of Y": the doer is who was named
  // first.
  void deeds() {
    for (std::size_t i = 1; i < names_.size(); ++i) {
      const auto& victim_name = *names_[i];
      auto at = victim_name.core;
      while (at > range_.first && victim_name.core - at < max_role_words && !killing(at - 1)) {
        const auto& before = words_[at - 1];
        if (before.has(word_capital) && !before.is(class_office)) break;
        if ((words_[at].gap & ~(gap_space | (before.is(class_abbreviation) ? gap_stop : 0))) != 0)
          break;
        --at;
      }
      const auto next = victim_name.last + 1;
      const bool own =
          next < range_.end && (words_[next].gap & gap_possessive) != 0 && killing(next);
      if (!own && (at == range_.first || !killing(at - 1))) continue;
      // "murdering Leeds reporter Ann Lee"
      const bool owner =
          !own && i + 1 < names_.size() && role_before_name(words_, next, names_[i + 1]->core);
      const auto& victim = owner ? *names_[i + 1] : victim_name;
      const NameSpan* doer = nullptr;
      for (std::size_t j = 0; j < i; ++j)
        if (names_[j]->kind == Kind::person && victim.core - names_[j]->last < max_deed_words)
          doer = names_[j];
      if (doer != nullptr && reading_.normal(*doer) != reading_.normal(victim))
        emit(*doer,
             own ? role_text(words_, next, next + 1) : role_text(words_, at - 1, victim_name.core),
             victim);
    }
  }
  // "X was shot to death in Y by Z"
  void deeds_by() {
    for (std::size_t i = 1; i < names_.size(); ++i) {
      const auto& doer = *names_[i];
      auto by = doer.core;
      while (by > range_.first && doer.core - by < max_role_words && words_.folded(by - 1) != "by")
        --by;
      if (by <= range_.first + 1 || words_.folded(by - 1) != "by" || names_[i - 1]->last >= by)
        continue;
      auto deed = by - 1;
      while (deed > range_.first && by - deed < max_by_words && !words_[deed - 1].is(class_killing))
        --deed;
      if (deed == range_.first || !words_[deed - 1].is(class_killing)) continue;
      const NameSpan* victim = nullptr;
      for (std::size_t j = 0; j < i; ++j)
        if (names_[j]->kind == Kind::person && names_[j]->last < deed - 1) victim = names_[j];
      if (victim == nullptr || reading_.normal(*victim) == reading_.normal(doer)) continue;
      if (victim == names_[i - 1]) continue; // their words tell it already
      emit(*victim, std::string{words_.folded(deed - 1)} + " by", doer);
    }
  }
  bool killing(std::uint32_t i) const {
    const auto word = words_.folded(i);
    return words_[i].is(class_killing) &&
           (word.ends_with("ing") || word.ends_with("ation") || word == "murder");
  }

  void emit(const NameSpan& subject, std::string predicate, const NameSpan& object) {
    reading_.relation(reading_.normal(subject), std::move(predicate), reading_.normal(object),
                      sentence_);
  }

  Reading& reading_;
  const Words& words_;
  std::vector<const NameSpan*> names_; // of the sentence, certain ones
  WordRange range_;
  std::uint32_t sentence_ = 0;
};

} // namespace

void find_deeds(Reading& reading) { DeedFinder{reading}.run(); }

} // namespace graphrag::entity
