#include "actors/entity/sense_table.hpp"

#include <algorithm>
#include <bit>

#include "runtime/check.hpp"

namespace graphrag::entity {
namespace {

constexpr float defining_confidence = 0.6F; // below it only names that the text writes as such
constexpr float least_confidence = 0.5F;
constexpr float title_confidence = 1.0F;
constexpr std::size_t max_definitions = 256; // of a name: with more it is not looked at
constexpr std::size_t max_compared = 256;    // documents with a name whose other names are compared
constexpr int least_points = 2;              // names in common: two, or one of several words
constexpr std::int64_t least_usual = 4;      // documents of the sense that a bare name stands for
constexpr std::int64_t usual_share = 3;      // to one of all others

bool mentions(const chunk::AnalysedChunk& chunk, std::uint64_t key) {
  return std::any_of(chunk.mentions.begin(), chunk.mentions.end(),
                     [&](const auto& m) { return m.key == key && !m.normal.empty(); });
}

// "explorer", when the chunk is at home under the title "John Smith (explorer)".
std::string_view added_by_title(const chunk::AnalysedChunk& chunk, const chunk::Home& home) {
  for (const auto& title : chunk.homes) {
    const std::string_view whole = title.normal;
    if (title.confidence < title_confidence || whole.size() <= home.normal.size() + 1 ||
        !whole.starts_with(home.normal) || whole[home.normal.size()] != ' ')
      continue;
    const auto open = title.display.find('(');
    if (open != std::string::npos &&
        normal_name(std::string_view{title.display}.substr(0, open)) == home.normal)
      return whole.substr(home.normal.size() + 1);
  }
  return {};
}

// Such a title is of a list of those who bear the name.
bool about_the_word(std::string_view title) {
  for (const std::string_view word : {"surname", "given name", "name", "disambiguation"})
    if (title.starts_with(word)) return true;
  return false;
}

std::uint64_t place_of(const chunk::LiveDocument& document, const chunk::AnalysedChunk& chunk) {
  return name_key(document.id) + chunk.index;
}

// A name that says something about the document: not "American".
int weight(const chunk::Mention& mention) {
  const auto kind = static_cast<Kind>(mention.kind);
  if (mention.normal.empty() || kind == Kind::other || kind == Kind::date) return 0;
  return mention.normal.find(' ') == std::string::npos ? 1 : 2;
}

bool own_part(std::string_view part, std::string_view normal) {
  return (' ' + std::string{normal} + ' ').find(' ' + std::string{part} + ' ') != std::string::npos;
}

// The kind that the document's own words tell of the name; unknown when they disagree.
Kind kind_told(const chunk::LiveDocument& document, std::uint64_t key) {
  auto told = Kind::unknown;
  for (const auto& chunk : document.analysis.chunks)
    for (const auto& mention : chunk.mentions) {
      if (mention.key != key || mention.normal.empty() || mention.kind == 0) continue;
      const auto kind = static_cast<Kind>(mention.kind);
      if (told != Kind::unknown && told != kind) return Kind::unknown;
      told = kind;
    }
  return told;
}

std::uint32_t only_sense_of_kind(const Senses& senses, Kind kind) {
  auto found = Senses::none;
  if (kind == Kind::unknown) return found;
  for (std::uint32_t i = 0; i < senses.all.size(); ++i) {
    if (senses.all[i].kind == Kind::unknown) return Senses::none;
    if (senses.all[i].kind != kind) continue;
    if (found != Senses::none) return Senses::none;
    found = i;
  }
  return found;
}

// The sense with most names in common, when it stands out.
std::uint32_t nearest_sense(const SplitName& split, std::uint64_t key,
                            const chunk::LiveDocument& document) {
  std::vector<int> points(split.senses.all.size());
  std::vector<std::uint64_t> seen;
  for (const auto& chunk : document.analysis.chunks) {
    if (!mentions(chunk, key)) continue;
    for (const auto& mention : chunk.mentions) {
      if (mention.key == key || weight(mention) == 0) continue;
      const auto found = std::lower_bound(
          split.neighbours.begin(), split.neighbours.end(), mention.key,
          [](const SplitName::Neighbour& n, std::uint64_t name) { return n.name < name; });
      if (found == split.neighbours.end() || found->name != mention.key ||
          !std::has_single_bit(found->senses))
        continue;
      if (std::find(seen.begin(), seen.end(), mention.key) != seen.end()) continue;
      seen.push_back(mention.key);
      points[static_cast<std::size_t>(std::countr_zero(found->senses))] += weight(mention);
    }
  }
  const auto best = std::max_element(points.begin(), points.end());
  if (*best < least_points || std::count(points.begin(), points.end(), *best) > 1)
    return Senses::none;
  return static_cast<std::uint32_t>(best - points.begin());
}

} // namespace

bool defines(const chunk::AnalysedChunk& chunk, const chunk::Home& home) {
  if (home.confidence < defining_confidence && !mentions(chunk, home.key)) return false;
  // An apposition may be of the words before the name, unless it says who somebody is.
  if (home.confidence < least_confidence && static_cast<Kind>(home.kind) != Kind::person)
    return false;
  const auto title = added_by_title(chunk, home);
  return !about_the_word(title) &&
         (home.what.end > home.what.start || home.born != 0 || home.died != 0 || !title.empty());
}

Definition definition_in(const chunk::LiveDocument& document, const chunk::AnalysedChunk& chunk,
                         const chunk::Home& home) {
  Definition found;
  found.what = std::string_view{document.text}.substr(chunk.start_byte + home.what.start,
                                                      home.what.end - home.what.start);
  found.born = home.born;
  found.died = home.died;
  found.title = added_by_title(chunk, home);

  found.place = place_of(document, chunk);
  return found;
}

std::string described(std::string_view what, std::uint16_t born, std::uint16_t died) {
  std::string text;
  for (const char c : what) text += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  const auto years = born != 0 && died != 0 ? std::to_string(born) + "-" + std::to_string(died)
                     : born != 0            ? "born " + std::to_string(born)
                     : died != 0            ? "died " + std::to_string(died)
                                            : std::string{};
  if (years.empty()) return text;
  return text.empty() ? years : text + " (" + years + ")";
}

DocumentPtr SenseTable::document(std::string_view id) const {
  const auto found = number(id);
  return found ? slots_[*found] : nullptr;
}

std::optional<DocumentNumber> SenseTable::number(std::string_view id) const {
  const auto found = numbers_.find(std::string{id});
  return found == numbers_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<std::uint64_t> SenseTable::names_of(DocumentNumber number) const {
  std::vector<std::uint64_t> names;
  for (const auto& chunk : at(number).analysis.chunks) {
    for (const auto& mention : chunk.mentions)
      if (!mention.normal.empty()) names.push_back(mention.key);
    for (const auto& home : chunk.homes) names.push_back(home.key);
    for (const auto& alias : chunk.aliases) {
      names.push_back(name_key(alias.normal_a));
      names.push_back(name_key(alias.normal_b));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::uint64_t> SenseTable::defined_by(DocumentNumber number) const {
  std::vector<std::uint64_t> names;
  const auto& document = at(number);
  for (const auto& chunk : document.analysis.chunks)
    for (const auto& home : chunk.homes)
      if (defines(chunk, home)) names.push_back(home.key);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

DocumentNumber SenseTable::enter(DocumentPtr document, std::vector<std::uint64_t>& names) {
  auto number = static_cast<DocumentNumber>(slots_.size());
  if (free_.empty()) {
    slots_.push_back(std::move(document));
  } else {
    number = free_.back();
    free_.pop_back();
    slots_[number] = std::move(document);
  }
  const auto& entered = at(number);
  numbers_[entered.id] = number;
  names = names_of(number);
  for (const auto name : names) uses_[name].documents.push_back(number);
  for (const auto& chunk : entered.analysis.chunks)
    for (const auto& home : chunk.homes)
      if (defines(chunk, home)) uses_[home.key].definitions.push_back({number, chunk.index});
  return number;
}

void SenseTable::leave(DocumentNumber number, std::span<const std::uint64_t> names) {
  const auto& leaving = at(number);
  for (const auto name : names) {
    const auto uses = uses_.find(name);
    RUNTIME_CHECK(uses != uses_.end(), "a document leaves with the names that it entered with");
    auto& documents = uses->second.documents;
    *std::find(documents.begin(), documents.end(), number) = documents.back();
    documents.pop_back();
    std::erase_if(uses->second.definitions,
                  [&](const Place& place) { return place.document == number; });
    if (documents.empty()) uses_.erase(uses);
  }
  numbers_.erase(leaving.id);
  slots_[number].reset();
  free_.push_back(number);
}

const SplitName* SenseTable::split(std::uint64_t key) const {
  if (split_.empty()) return nullptr;
  const auto found = split_.find(key);
  return found == split_.end() ? nullptr : found->second.get();
}

const std::vector<DocumentNumber>& SenseTable::documents(std::uint64_t key) const {
  static const std::vector<DocumentNumber> nowhere;
  const auto found = uses_.find(key);
  return found == uses_.end() ? nowhere : found->second.documents;
}

bool SenseTable::compares(std::uint64_t key) const { return documents(key).size() <= max_compared; }

std::shared_ptr<SplitName> SenseTable::wanted(std::uint64_t key) const {
  const auto uses = uses_.find(key);
  if (uses == uses_.end()) return nullptr;
  const auto& places = uses->second.definitions;
  if (places.size() < 2 || places.size() > max_definitions) return nullptr;
  auto split = std::make_shared<SplitName>();
  std::vector<Definition> definitions;
  for (const auto& place : places) {
    const auto& document = at(place.document);
    const auto& chunk = document.analysis.chunks[place.chunk];
    const auto home = std::find_if(chunk.homes.begin(), chunk.homes.end(),
                                   [&](const chunk::Home& h) { return h.key == key; });
    definitions.push_back(definition_in(document, chunk, *home));
    split->normal = home->normal;
  }
  split->senses = senses_of(definitions);
  if (split->senses.all.empty()) return nullptr;
  for (std::size_t i = 0; i < places.size(); ++i)
    split->places.push_back({places[i].document, places[i].chunk, split->senses.of[i]});
  split->senses.of.clear();
  std::sort(split->places.begin(), split->places.end(), [](const auto& a, const auto& b) {
    return a.document != b.document ? a.document < b.document : a.chunk < b.chunk;
  });
  split->compared = compares(key);
  if (split->compared) split->neighbours = neighbours_of(key, *split);
  split->documents.assign(split->senses.all.size(), 0);
  for (const auto number : uses->second.documents) {
    const auto sense = sense_of_document(*split, key, number, at(number));
    if (sense == Senses::none) continue;
    split->of.emplace(number, sense);
    ++split->documents[sense];
  }
  split->usual = usual_of(*split);
  return split;
}

std::vector<SplitName::Neighbour> SenseTable::neighbours_of(std::uint64_t key,
                                                            const SplitName& split) const {
  std::vector<SplitName::Neighbour> all;
  for (const auto& place : split.places) {
    if (place.sense == Senses::none) continue;
    for (const auto& mention : at(place.document).analysis.chunks[place.chunk].mentions)
      if (mention.key != key && weight(mention) > 0 && !own_part(mention.normal, split.normal))
        all.push_back({mention.key, 1U << place.sense});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (kept > 0 && all[kept - 1].name == all[i].name)
      all[kept - 1].senses |= all[i].senses;
    else
      all[kept++] = all[i];
  }
  all.resize(kept);
  return all;
}

void SenseTable::replace(std::uint64_t key, std::shared_ptr<SplitName> split) {
  if (split)
    split_[key] = std::move(split);
  else
    split_.erase(key);
}

void SenseTable::count(DocumentNumber number, std::span<const std::uint64_t> names, int sign) {
  if (split_.empty()) return;
  for (const auto name : names) {
    const auto found = split_.find(name);
    if (found == split_.end()) continue;
    auto& split = *found->second;
    if (sign < 0) {
      if (const auto counted = split.of.find(number); counted != split.of.end()) {
        --split.documents[counted->second];
        split.of.erase(counted);
      }
      continue;
    }
    const auto sense = sense_of_document(split, name, number, at(number));
    if (sense == Senses::none) continue;
    split.of.emplace(number, sense);
    ++split.documents[sense];
  }
}

std::uint32_t SenseTable::usual_of(const SplitName& split) {
  std::int64_t all = 0;
  for (const auto count : split.documents) all += count;
  for (std::uint32_t i = 0; i < split.documents.size(); ++i) {
    const auto own = split.documents[i];
    if (own >= least_usual && own >= usual_share * (all - own)) return i;
  }
  return Senses::none;
}

std::uint32_t SenseTable::sense_of_document(const SplitName& split, std::uint64_t key,
                                            DocumentNumber number,
                                            const chunk::LiveDocument& document) {
  auto place =
      std::lower_bound(split.places.begin(), split.places.end(), number,
                       [](const SplitName::Place& p, DocumentNumber n) { return p.document < n; });
  auto defined = Senses::none;
  bool any = false;
  for (; place != split.places.end() && place->document == number; ++place) {
    any = true;
    if (place->sense == Senses::none) continue;
    if (defined != Senses::none && defined != place->sense) return Senses::none;
    defined = place->sense;
  }
  if (any) return defined;
  const auto kind = kind_told(document, key);
  if (const auto only = only_sense_of_kind(split.senses, kind); only != Senses::none) return only;
  return nearest_sense(split, key, document);
}

std::uint32_t SenseTable::sense_in(const SplitName& split, DocumentNumber number,
                                   std::uint32_t chunk) {
  auto sense = Senses::none;
  const auto place = std::lower_bound(
      split.places.begin(), split.places.end(), std::pair{number, chunk},
      [](const SplitName::Place& p, const auto& at) {
        return p.document != at.first ? p.document < at.first : p.chunk < at.second;
      });
  if (place != split.places.end() && place->document == number && place->chunk == chunk)
    sense = place->sense;
  if (sense == Senses::none)
    if (const auto found = split.of.find(number); found != split.of.end()) sense = found->second;
  return sense == split.usual ? Senses::none : sense;
}

std::string SenseTable::description(std::uint64_t key) const {
  const auto uses = uses_.find(key);
  if (uses == uses_.end()) return {};
  std::string best;
  for (const auto& place : uses->second.definitions) {
    const auto& document = at(place.document);
    const auto& chunk = document.analysis.chunks[place.chunk];
    for (const auto& home : chunk.homes) {
      if (home.key != key) continue;
      const auto definition = definition_in(document, chunk, home);
      auto text = described(definition.what, definition.born, definition.died);
      if (text.size() > best.size() || (text.size() == best.size() && text < best))
        best = std::move(text);
    }
  }
  return best;
}

} // namespace graphrag::entity
