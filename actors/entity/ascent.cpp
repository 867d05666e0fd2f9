// From a short form up to the name that it stands for.
#include <algorithm>

#include "actors/entity/long_forms.hpp"

namespace graphrag::entity {
namespace {

constexpr std::size_t max_steps = 16; // up from a name to its end
// How often "are the long forms one?" may depend on the same question of one of them.
constexpr int max_depth = 3;
// A name that is in wider use than "X (film)" means more than that film.
constexpr std::int64_t mentions_per_title = 4;
constexpr std::int64_t mentions_per_work = 2; // in a large collection
// A surname that so many more passages use alone than beside the full name is others' too.
constexpr std::int64_t mentions_per_surname = 3;
constexpr std::size_t max_letters = 3; // of a short form that may stand for many things: "MU"

} // namespace

// A word that is at home somewhere under its own name is not just somebody's surname; a document
// titled "X" is not the one titled "X (film)", and what looks like a person is not her album; two
// known kinds must agree.
bool NameGraph::counts_for(const Row& shorter, const Edge& edge) const {
  const auto& longer = rows_.at(edge.other);
  const bool two_titles = shorter.titles > 0 && longer.titles > 0; // two things, nicknames or not
  const bool rare = small() || shorter.mentions <= mentions_per_surname * edge.all();
  const bool one_word = shorter.normal.find(' ') == std::string::npos;
  if (edge.count(AliasRule::acronym) > 0) return rare || shorter.normal.size() > max_letters;
  if (edge.count(AliasRule::also_known_as) > 0) return (rare || !one_word) && !two_titles;
  const auto others = kind_of(longer);
  const bool long_title = others == Kind::work && !one_word; // not "The Thing"
  if (const auto titled = edge.count(AliasRule::title_qualifier); titled > 0)
    return shorter.titles == 0 &&
           shorter.mentions <= titled * (small()      ? mentions_per_title
                                         : long_title ? mentions_per_work
                                                      : 1) &&
           ((shorter.shape.form != Form::full && kind_of(shorter) != Kind::person) ||
            others != Kind::work);
  if (others != Kind::unknown && others != Kind::person) return false;
  const auto trusted = others == Kind::person ? mentions_per_surname : 1;
  if (!small() && shorter.mentions > trusted * edge.count(AliasRule::surname)) return false;
  const auto own = kind_of(shorter);
  return shorter.homes == 0 && (own == Kind::unknown || others == Kind::unknown || own == others);
}

std::uint64_t NameGraph::parent_by_evidence(std::uint64_t key) const {
  return parent_at(key, max_depth);
}

// The only long form of the name, or what all of its long forms are.
std::uint64_t NameGraph::parent_at(std::uint64_t key, int depth) const {
  LongForms longs;
  long_forms(key, rows_.at(key), longs);
  if (longs.too_many() || longs.size() == 0) return key;
  if (longs.size() == 1) return longs[0].joins ? longs[0].key : key;
  if (depth == 0) return key;
  std::uint64_t common = 0;
  bool joins = false;
  for (std::size_t i = 0; i < longs.size(); ++i) {
    const auto end = end_at(longs[i].key, depth - 1);
    if (i > 0 && end != common) return key;
    common = end;
    joins = joins || longs[i].joins;
  }
  return joins ? common : key;
}

// Up as far as it goes; of a circle the best of its names.
std::uint64_t NameGraph::end_at(std::uint64_t key, int depth) const {
  for (std::size_t step = 0; step < max_steps; ++step) {
    const auto next = parent_at(key, depth);
    if (next == key) return key;
    key = next;
  }
  auto best = key;
  auto at = parent_at(key, depth);
  for (std::size_t step = 0; step < max_steps && at != key; ++step, at = parent_at(at, depth))
    if (better_name(at, best)) best = at;
  return best;
}

bool NameGraph::evidence_joins(std::uint64_t a, std::uint64_t b) const {
  const auto holds = [&](std::uint64_t shorter, std::uint64_t longer) {
    const auto it = rows_.find(shorter);
    if (it == rows_.end()) return false;
    if (std::any_of(it->second.longs.begin(), it->second.longs.end(),
                    [&](const Edge& e) { return e.other == longer; }))
      return true;
    LongForms longs;
    infer(shorter, it->second, longs);
    for (std::size_t i = 0; i < longs.size(); ++i)
      if (longs[i].joins && longs[i].key == longer) return true;
    return false;
  };
  return holds(a, b) || holds(b, a);
}

} // namespace graphrag::entity
