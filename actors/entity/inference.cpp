// Long forms of a name: those that texts say, and those that its form tells.
//
//   "mr holmes"       -> the only full name that ends in "holmes"
//   "holmes"          -> the same, when it is a person for sure, or the only "holmes inc"
//   "sherlock"        -> the only full name that begins so, when it is a person for sure
//   "j doe"           -> the only full name that the initials fit
//   "jane doe"        -> the only "jane a doe", unless both are at home
//   "dr jane doe"     -> "jane doe";  "x corporation" -> "x corp"
//   "张伟教授"         -> "张伟";      "王总统" -> the only 王 with that title
#include <algorithm>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/long_forms.hpp"
#include "actors/entity/senses.hpp"

namespace graphrag::entity {
namespace {

constexpr std::size_t max_bearers = 8;      // of a surname or a first name: more are ambiguous
constexpr std::size_t max_begin_alike = 32; // names looked at for those with a first name
constexpr std::size_t max_looked_at = 128;  // names with one surname, when more of them is known
// Of so many mentions one may be of something else than a person by chance ("in Holmes we trust").
constexpr std::int64_t mentions_per_other_use = 8;
// A short form that is much more common than the only name known for it means somebody else, too.
constexpr std::int64_t mentions_per_bearer = 4;
// Unless it is known to be a person: a name that opens with a much more common one is no name.
constexpr std::int64_t mentions_per_first_name = 8;

// A collection of so few names hardly knows two people of one surname.
constexpr std::size_t small_collection = 4096;
// Beyond that, a name alone leads to somebody whom so large a share of the names is about.
constexpr std::size_t names_per_mention = 4096;
constexpr std::int64_t mentions_of_known = 10; // of somebody whom no passage defines
constexpr std::string_view titles_of_anybody[] = {"mr", "dr", "doctor", "prof", "professor"};

struct Pair {
  std::string_view from, to;
};
constexpr Pair legal_forms[] = {
    {" corporation", " corp"}, {" incorporated", " inc"}, {" limited", " ltd"}};
constexpr Pair opposites[] = {{"先生", "女士"}, {"女士", "先生"}};

bool may_be(Kind kind, Kind wanted) { return kind == Kind::unknown || kind == wanted; }

std::string_view first_word(std::string_view normal) { return normal.substr(0, normal.find(' ')); }

// One character, or one letter of another script.
std::string_view first_character(std::string_view normal) {
  std::size_t size = normal.empty() ? 0 : 1;
  while (size < normal.size() && (static_cast<unsigned char>(normal[size]) & 0xC0) == 0x80) ++size;
  return normal.substr(0, size);
}

bool of_anybody(std::string_view title) {
  return std::find(std::begin(titles_of_anybody), std::end(titles_of_anybody), title) !=
         std::end(titles_of_anybody);
}

bool is_han(std::string_view normal) { return static_cast<unsigned char>(normal[0]) >= 0xE3; }

} // namespace

std::uint64_t NameGraph::slot_of(Slot slot, std::uint64_t last_word) {
  return last_word + 0x9E3779B97F4A7C15ULL * (1 + static_cast<std::uint64_t>(slot));
}

void NameGraph::seat(std::uint64_t slot, std::uint64_t key, bool add) {
  if (add) {
    slots_[slot].push_back(key);
    return;
  }
  const auto found = slots_.find(slot);
  auto& keys = found->second;
  *std::find(keys.begin(), keys.end(), key) = keys.back();
  keys.pop_back();
  if (keys.empty()) slots_.erase(found);
}

std::span<const std::uint64_t> NameGraph::seated(std::uint64_t slot) const {
  const auto found = slots_.find(slot);
  return found == slots_.end() ? std::span<const std::uint64_t>{} : found->second;
}

void NameGraph::index(std::uint64_t key, Row& row, bool add) {
  const std::string_view normal = row.normal;
  if (add) row.shape = name_shape(written_name(normal)); // which a sense's normal form begins with
  const auto last = row.shape.last(normal);
  switch (row.shape.form) {
  case Form::title_last:
    seat(slot_of(Slot::titled, name_key(last)), key, add);
    break;
  case Form::initials:
    seat(slot_of(Slot::initialled, name_key(last)), key, add);
    break;
  case Form::title_core:
  case Form::company_core: {
    const auto core = name_key(row.shape.core(normal));
    if (add) {
      cores_[core].push_back(key);
    } else if (auto found = cores_.find(core); std::erase(found->second, key) > 0) {
      if (found->second.empty()) cores_.erase(found);
    }
    break;
  }
  default:
    break;
  }
  reindex(key, row, add);
}

// A thing of another kind is no rival of people with the same surname.
void NameGraph::reindex(std::uint64_t key, Row& row, bool exists) {
  if (row.shape.form != Form::full && row.shape.form != Form::title_core) return;
  const std::string_view normal = row.normal;
  if (row.shape.form == Form::title_core && !is_han(normal)) return;
  // Nobody is called by the last word of a name that only a title writes: "X (arranger)".
  const bool wanted = exists && row.mentions > 0 && may_be(kind_of(row), Kind::person);
  if (wanted == row.indexed) return;
  row.indexed = wanted;
  seat(slot_of(Slot::full, name_key(row.shape.last(normal))), key, wanted);
}

// What texts say outright goes before what is told by the form alone.
void NameGraph::long_forms(std::uint64_t key, const Row& row, LongForms& found) const {
  bool outright = false;
  for (const auto& edge : row.longs) {
    if (!counts_for(row, edge)) continue;
    found.add(edge.other, true);
    outright = outright || edge.says_outright();
  }
  if (!outright) infer(key, row, found);
}

void NameGraph::infer(std::uint64_t key, const Row& row, LongForms& found) const {
  if (written_name(row.normal).size() != row.normal.size()) return; // a sense is who it is
  switch (row.shape.form) {
  case Form::word:
    infer_word(key, row, found);
    break;
  case Form::full:
    infer_middle(key, row, found);
    break;
  case Form::initials:
  case Form::title_last:
    infer_from_surname(row, found);
    break;
  case Form::title_core:
  case Form::company_core:
    infer_core(row, found);
    break;
  case Form::other:
    break;
  }
  if (row.shape.form != Form::company_core && !cores_.empty()) infer_companies(key, row, found);
}

bool NameGraph::small() const { return rows_.size() < small_collection; }

// Whether a text that calls somebody by a part of the name, and never by all of it, means this one
// for certain: hardly, where thousands of others are known.
bool NameGraph::known_to_all(const Row& longer) const {
  return small() || static_cast<std::size_t>(longer.mentions + longer.homes) >=
                        rows_.size() / names_per_mention;
}

bool NameGraph::as_common(const Row& shorter, const Row& longer) {
  return shorter.mentions <= mentions_per_bearer * (longer.mentions + longer.homes);
}

// Not "Amazon Macron", of texts about Amazon and Macron.
bool NameGraph::plausible(const Row& full) const {
  if (kind_of(full) == Kind::person) return true;
  const auto first = rows_.find(name_key(first_word(full.normal)));
  return first == rows_.end() || first->second.mentions <= mentions_per_first_name * full.mentions;
}

void NameGraph::infer_from_surname(const Row& row, LongForms& found) const {
  const bool initials = row.shape.form == Form::initials;
  if (row.homes > 0 || (initials && kind_of(row) != Kind::person)) return; // "HMS Adventure"
  const std::string_view normal = row.normal;
  const auto bearers = seated(slot_of(Slot::full, name_key(row.shape.last(normal))));
  const bool all = row.shape.form == Form::title_last && !is_han(normal);
  if (bearers.size() > (all ? max_bearers : max_looked_at)) return found.give_up();
  for (const auto other : bearers) {
    const auto& longer = rows_.at(other);
    const bool fits = all || (initials ? initials_fit(first_word(normal), longer.normal)
                                       : longer.normal.starts_with(row.shape.core(normal)));
    const bool meant = initials || is_han(normal) || small() ||
                       (of_anybody(first_word(normal)) && known_to_all(longer));
    if (fits) found.add(other, meant && as_common(row, longer) && plausible(longer));
  }
}

// Documents that call somebody "Mr. Holmes" say that Holmes is a surname.
bool NameGraph::surely_person(const Row& row) const {
  return kind_of(row) == Kind::person ||
         !seated(slot_of(Slot::titled, name_key(row.shape.last(row.normal)))).empty();
}

void NameGraph::infer_word(std::uint64_t key, const Row& row, LongForms& found) const {
  if (row.homes > 0 || !may_be(kind_of(row), Kind::person)) return;
  const auto bearers = seated(slot_of(Slot::full, key));
  if (bearers.size() > max_bearers) return found.give_up();
  const bool other_use = row.impersonal * mentions_per_other_use > row.mentions;
  const auto take = [&](std::uint64_t other, const Row& bearer) {
    found.add(other, !other_use && known_to_all(bearer) && surely_person(bearer) &&
                         as_common(row, bearer) && plausible(bearer));
  };
  for (const auto other : bearers) take(other, rows_.at(other));
  const auto prefix = row.normal + ' ';
  std::size_t looked = 0;
  for (auto it = order_.lower_bound(prefix); it != order_.end() && it->first.starts_with(prefix);
       ++it) {
    if (++looked > max_begin_alike) return found.give_up();
    if (const auto& begins = rows_.at(it->second); begins.indexed) take(it->second, begins);
  }
}

// "jane doe" of "jane a doe", "jane a doe" of "jane alice doe". Anybody else with these first and
// last names is a rival.
void NameGraph::infer_middle(std::uint64_t key, const Row& row, LongForms& found) const {
  const std::string_view normal = row.normal;
  const auto first = first_word(normal);
  const auto middle = [&](const Row& of) {
    return first_word(std::string_view{of.normal}.substr(first.size() + 1));
  };
  if (row.shape.suffixed || !row.indexed) return;
  const bool initial = row.shape.words == 3 && middle(row).size() == 1;
  if (row.shape.words != 2 && !initial) return;
  const auto alike = seated(slot_of(Slot::full, name_key(row.shape.last(normal))));
  if (alike.size() > max_looked_at) return found.give_up();
  for (const auto other : alike) {
    const auto& longer = rows_.at(other);
    if (other == key || first_word(longer.normal) != first) continue;
    const bool suffixed = longer.shape.suffixed;
    const bool three = longer.shape.words == 3 && !suffixed;
    if (initial && (!three || middle(longer).size() == 1 || middle(longer)[0] != middle(row)[0]))
      continue;
    const bool fits = three && (initial || middle(longer).size() == 1);
    const bool two_homes = row.homes > 0 && longer.homes > 0;
    // A list that names both names two; who is defined or well known is written both ways.
    const bool known = small() || row.homes + longer.homes > 0 ||
                       row.mentions + longer.mentions >= mentions_of_known;
    found.add(other, fits && known && !two_homes);
  }
}

void NameGraph::infer_core(const Row& row, LongForms& found) const {
  const auto core = row.shape.core(row.normal);
  const auto join = [&](const std::string& normal) {
    const auto other = rows_.find(name_key(normal));
    if (other == rows_.end()) return;
    const auto own = kind_of(row);
    const auto its = kind_of(other->second);
    const bool two_titles = row.titles > 0 && other->second.titles > 0;
    // A baronet has his father's name; a text that means one says so (aliases.cpp).
    const bool sir = row.normal.starts_with("sir ") || row.normal.starts_with("dame ");
    if (sir && row.homes > 0 && other->second.homes > 0) return;
    // "General Certificate" is no officer.
    if (row.normal.starts_with("general ") && kind_of(other->second) != Kind::person) return;
    if (!two_titles && (own == its || may_be(own, its) || may_be(its, own)))
      found.add(other->first, true);
  };
  if (row.shape.form == Form::company_core) {
    for (const auto& [from, to] : legal_forms)
      if (row.normal.ends_with(from)) join(std::string{core} + std::string{to});
    return;
  }
  for (const auto& [title, opposite] : opposites)
    if (row.normal.ends_with(title) &&
        rows_.contains(name_key(std::string{core} + std::string{opposite})))
      return;
  join(std::string{core});
}

void NameGraph::infer_companies(std::uint64_t key, const Row& row, LongForms& found) const {
  const auto with_core = cores_.find(key);
  if (with_core == cores_.end()) return;
  const auto own = kind_of(row);
  if (!may_be(own, Kind::organisation)) return;
  const bool one_word = row.normal.find(' ') == std::string::npos;
  if (one_word && word_classes(row.normal) != 0) return; // "News" of "News Corp"
  for (const auto other : with_core->second) {
    const auto& longer = rows_.at(other);
    if (longer.shape.form != Form::company_core) continue;
    const bool two_things = row.homes > 0 && own != Kind::organisation;
    if (!found.add(other, !two_things && may_be(kind_of(longer), Kind::organisation))) return;
  }
}

std::vector<std::uint64_t> NameGraph::inferred_shorts(std::uint64_t key, const Row& row) const {
  std::vector<std::uint64_t> found;
  const std::string_view normal = row.normal;
  const auto take = [&](std::string_view shorter) {
    if (const auto known = name_key(shorter); rows_.contains(known)) found.push_back(known);
  };
  const auto take_all = [&](std::span<const std::uint64_t> shorter) {
    found.insert(found.end(), shorter.begin(), shorter.end());
  };
  const auto last = row.shape.last(normal);
  if (row.indexed && row.shape.form == Form::full) {
    const auto first = first_word(normal);
    const auto surname = name_key(last);
    if (surely_person(row)) {
      take(last);
      take(first);
    }
    take_all(seated(slot_of(Slot::titled, surname)));
    take_all(seated(slot_of(Slot::initialled, surname)));
    if (row.shape.words == 3) {
      const auto outer = std::string{first} + ' ';
      take(outer + std::string{last});
      take(outer + normal[first.size() + 1] + ' ' + std::string{last});
    }
  }
  if (row.indexed && row.shape.form == Form::title_core)
    take(std::string{first_character(normal)} + std::string{last});
  if (row.shape.form == Form::company_core) {
    const auto core = row.shape.core(normal);
    take(core);
    for (const auto& [from, to] : legal_forms)
      if (normal.ends_with(to)) take(std::string{core} + std::string{from});
  } else if (const auto above = cores_.find(key); above != cores_.end()) {
    take_all(above->second);
  }
  return found;
}

} // namespace graphrag::entity
