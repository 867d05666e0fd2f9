#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_role_words = 6;    // "senior vice president and treasurer"
constexpr std::uint32_t max_before_owner = 4;  // "54, a retired"
constexpr std::size_t max_places_in_a_row = 3; // "Depot, Springfield, Illinois"; more is a list

using Names = std::vector<NameSpan*>;

class PatternFinder {
public:
  explicit PatternFinder(Reading& reading) : reading_(reading), words_(reading.words) {}

  void run() {
    auto& names = reading_.names;
    std::size_t at = 0;
    for (std::uint32_t s = 0; s < reading_.sentences.size(); ++s) {
      names_.clear();
      for (; at < names.size() && names[at].sentence <= s; ++at)
        if (names[at].certain) names_.push_back(&names[at]);
      if (names_.size() < 2) continue;
      sentence_ = s;
      range_ = reading_.sentences[s];
      places();
      dateline();
      born_first();
      for (std::size_t i = 0; i + 1 < names_.size(); ++i) pair(i);
      outer_places();
    }
  }

private:
  // "Springfield, Illinois": names in a row, each in the next, unless they are a list.
  void places() {
    outer_.assign(names_.size(), 0);
    for (std::size_t i = 0; i + 1 < names_.size();) {
      auto end = i;
      while (end + 1 < names_.size() && follows(end, gap_comma | gap_space)) ++end;
      const auto next = end + 1;
      if (end > i && owns(end)) --end; // "Overton, Ohio, Ann Lee's home"
      if (end > i && end - i < max_places_in_a_row && places_in_a_row(i, end))
        for (auto at = i; at < end; ++at) {
          emit(*names_[at], "in", *names_[at + 1]);
          learn(*names_[at], Kind::place);
          learn(*names_[at + 1], Kind::place);
          outer_[at] = at + 1;
        }
      i = next;
    }
  }
  // What a pattern tells of a name whose kind was not known.
  void learn(NameSpan& name, Kind kind) {
    if (name.kind == Kind::unknown || (kind == Kind::place && name.kind == Kind::person))
      name.kind = kind;
    if (name.kind != kind) return;
    auto& mentions = reading_.chunk->mentions;
    const auto at = reading_.keys.find(name_key(reading_.normal(name)));
    if (at < mentions.size() && mentions[at].kind == 0)
      mentions[at].kind = static_cast<std::uint8_t>(kind);
  }
  bool follows(std::size_t i, std::uint16_t gap) const {
    const auto& next = *names_[i + 1];
    return names_[i]->last + 1 == next.core && (words_[next.core].gap & ~gap_stop) == gap;
  }
  bool owns(std::size_t i) const {
    return (words_.gap_after(names_[i]->last) & gap_possessive) != 0;
  }
  // "In Kent, Ann Lee", "the president of Widgco, Ann Lee": who follows is no place.
  bool before_person(const NameSpan& name, const NameSpan& next) const {
    if (next.kind != Kind::person) return false;
    auto at = name.core;
    if (at > range_.first && words_[at - 1].is(class_article)) --at;
    if (at <= range_.first + 1) return true;
    return words_.folded(at - 1) == "of" && words_[at - 2].is(class_role | class_is_person);
  }
  bool places_in_a_row(std::size_t first, std::size_t last) const {
    const auto after = names_[last]->last + 1;
    if (after < range_.end) {
      const auto next = words_.folded(after);
      const bool list = next == "and" || next == "or";
      if ((list && (words_[after].gap & gap_stop) == 0) || next == "who" ||
          words_[after].is(class_role))
        return false;
      constexpr std::uint16_t open = gap_space | gap_hyphen | gap_apostrophe;
      if ((words_[after].gap & gap_possessive) != 0 || (words_[after].gap & ~open) == 0)
        return false;
    }
    if (before_person(*names_[first], *names_[first + 1])) return false;
    if (names_[first]->kind == Kind::person && !after_place_word(*names_[first])) return false;
    for (auto i = first + 1; i <= last; ++i) {
      const auto kind = names_[i]->kind;
      if (kind == Kind::organisation || kind == Kind::work || kind == Kind::event) return false;
      if (kind == Kind::person && names_[i]->last - names_[i]->core > 1) return false;
    }
    return true;
  }
  bool after_place_word(const NameSpan& name) const {
    if (name.core == range_.first) return false;
    const auto before = words_.folded(name.core - 1);
    return before == "in" || before == "near" || before == "at" || before == "from" ||
           before == "of" || before == "to" || before == "outside";
  }

  bool letters_only(const NameSpan& name) const {
    return reading_.normal(name).find_first_of("0123456789") == std::string_view::npos;
  }

  // What is in a place is in the larger place around it.
  void outer_places() {
    auto& relations = reading_.chunk->relations;
    const auto count = relations.size();
    for (std::size_t r = first_relation_; r < count; ++r)
      for (std::size_t i = 0; i < names_.size(); ++i) {
        if (outer_[i] == 0 || relations[r].object != reading_.normal(*names_[i])) continue;
        const auto subject = relations[r].subject;
        auto predicate = relations[r].predicate;
        reading_.relation(subject, std::move(predicate), reading_.normal(*names_[outer_[i]]),
                          sentence_);
      }
    first_relation_ = relations.size();
  }

  void pair(std::size_t i) {
    auto& a = *names_[i];
    auto& b = *names_[i + 1];
    const auto first = a.last + 1;
    if (first > b.core) return;
    if (role_before(a, b)) return;
    role_behind(i);
    role_of_before(i);
    // "Dallas-based Acme"
    if (b.core == first + 1 && words_.folded(first) == "based" && words_[first].gap == gap_hyphen) {
      learn(a, Kind::place);
      learn(b, Kind::organisation);
      emit(b, "based in", a);
    }
    // "Moscow ITAR-TASS in English"
    if (b.core == first && words_[first].gap == gap_space && letters_only(a) && letters_only(b)) {
      learn(a, Kind::place);
      learn(b, Kind::organisation);
      emit(b, "in", a);
    }
    // "Israel's Ministry of Health"
    if (b.core == first && (words_[first].gap & gap_possessive) != 0) emit(b, "of", a);
  }

  // "Born in Leeds, Ann Lee"
  void born_first() {
    if (words_.folded(range_.first) != "born" || names_[0]->core == range_.first) return;
    for (std::size_t i = 1; i < names_.size(); ++i) {
      if (names_[i]->kind != Kind::person || (words_[names_[i]->core].gap & gap_comma) == 0)
        continue;
      emit(*names_[i], "born in", *names_[0]);
      return;
    }
  }

  // "LONDON (AP)", "Seoul, May 3 (YONHAP)": who reports from where.
  void dateline() {
    if (names_[0]->core > range_.first + 1) return;
    for (std::size_t i = 1; i < std::min(names_.size(), max_places_in_a_row + 1); ++i) {
      auto& source = *names_[i];
      for (auto at = names_[i - 1]->last + 1; at < source.core; ++at)
        if (!words_[at].has(word_digit) && !words_[at].is(class_month)) return;
      if ((words_[source.core].gap & gap_open) == 0) continue;
      if ((words_.gap_after(source.last) & gap_close) != 0 && words_[source.last].has(word_upper)) {
        learn(*names_[0], Kind::place);
        learn(source, Kind::organisation);
        emit(source, "in", *names_[0]);
      }
      return;
    }
  }

  // "FAA spokesman Fred Farrar", "Lincoln's assassin, John Booth": b is something to a.
  bool role_before(const NameSpan& a, NameSpan& b) {
    const auto first = a.last + 1;
    if (!role_before_name(words_, first, b.core)) return false;
    if (plain_name(words_, b.core, b.last)) learn(b, Kind::person);
    emit(b, role_text(words_, first, b.core), a);
    return true;
  }

  // "Ann Lee, the Senate's chief clerk,", "George Lucas, a Modesto native": a is something to b.
  void role_behind(std::size_t i) {
    const auto& a = *names_[i];
    const auto& b = *names_[i + 1];
    auto at = a.last + 1;
    if ((words_[at].gap & gap_comma) == 0 && !(at < b.core && words_[at].is(class_be))) return;
    if (b.core - at > max_before_owner) return;
    for (; at < b.core; ++at) // an age, an article, "former", "a senior"
      if (words_[at].is(class_joiner | class_verb | class_role | class_pronoun) &&
          !words_[at].is(class_be))
        return;
      else if (words_[at].is(class_linker) && !words_[at].is(class_article | class_be))
        return;
    const auto first = b.last + 1;
    auto end = first;
    while (end < range_.end && end - first < max_role_words && !words_[end].has(word_capital) &&
           (end == first ? (words_[end].gap & ~(gap_space | gap_possessive)) == 0
                         : words_[end].gap == gap_space) &&
           !words_[end].is(class_be | class_joiner | class_verb))
      ++end;
    while (end > first && !words_[end - 1].is(class_role | class_is_person)) --end;
    if (end > first) emit(a, role_text(words_, first, end), b);
  }

  // "the president of Acme, Ann Lee,"
  void role_of_before(std::size_t i) {
    const auto& a = *names_[i];
    const auto& b = *names_[i + 1];
    if (a.last + 1 != b.core || (words_[b.core].gap & gap_comma) == 0) return;
    if (b.kind != Kind::person || a.kind == Kind::person || a.core < range_.first + 3) return;
    auto at = a.core - 1;
    if (words_[at].is(class_article)) --at;
    if (at <= range_.first + 1 || words_.folded(at) != "of" ||
        !words_[at - 1].is(class_role | class_is_person))
      return;
    if (words_[at - 1].gap == gap_space) emit(b, role_text(words_, at - 1, at), a);
  }

  void emit(const NameSpan& subject, std::string predicate, const NameSpan& object) {
    reading_.relation(reading_.normal(subject), std::move(predicate), reading_.normal(object),
                      sentence_);
  }
  Reading& reading_;
  const Words& words_;
  Names names_; // of the sentence, certain ones
  std::vector<std::size_t> outer_;
  std::size_t first_relation_ = 0;
  WordRange range_;
  std::uint32_t sentence_ = 0;
};

} // namespace

std::string role_text(const Words& words, std::uint32_t first, std::uint32_t end) {
  std::string out;
  for (auto i = first; i < end; ++i) {
    if (words[i].has(word_digit)) continue;
    out += words.folded(i);
    out += ' ';
  }
  if (!out.ends_with("of ")) out += "of ";
  out.pop_back();
  return out;
}

bool role_before_name(const Words& words, std::uint32_t first, std::uint32_t end) {
  if (end <= first || end - first > max_role_words || end == words.size()) return false;
  if (!words[end - 1].is(class_role | class_is_person | class_office)) return false;
  if ((words[first].gap & ~(gap_space | gap_possessive)) != 0) return false;
  for (auto i = first; i < end; ++i) {
    if (words[i].is(class_be | class_article | class_joiner | class_says)) return false;
    if (words[i].is(class_linker) && words.folded(i) != "and") return false;
    if (i > first && (words[i].gap & ~(gap_space | gap_hyphen)) != 0) return false;
  }
  const bool abbreviated = words[end - 1].is(class_abbreviation); // "Gov."
  return (words[end].gap & ~(gap_space | gap_comma | (abbreviated ? gap_stop : 0))) == 0;
}

void find_patterns(Reading& reading) { PatternFinder{reading}.run(); }

} // namespace graphrag::entity
