#include "actors/entity/resolution.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace graphrag::entity {
namespace {

constexpr std::size_t max_steps = 16; // up from a name to its root
constexpr std::size_t max_members = 256;
constexpr std::int64_t home_weight = 4; // a definition tells the kind better than a mention

} // namespace

std::string entity_id(std::uint64_t key) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id(16, '0');
  for (std::size_t i = 16; i-- > 0; key >>= 4) id[i] = digits[key & 15];
  return id;
}

bool parse_entity_id(std::string_view id, std::uint64_t& key) noexcept {
  if (id.size() != 16) return false;
  key = 0;
  for (char c : id) {
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<std::uint64_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<std::uint64_t>(c - 'a' + 10);
    else
      return false;
    key = key << 4 | digit;
  }
  return true;
}

NameGraph::Row& NameGraph::row(std::uint64_t key, const std::string& normal) {
  auto [it, made] = rows_.try_emplace(key);
  if (made) {
    it->second.normal = normal;
    order_.emplace(it->second.normal, key);
    index(key, it->second, true);
  }
  return it->second;
}

void NameGraph::drop_when_empty(std::uint64_t key) {
  auto it = rows_.find(key);
  if (it == rows_.end() || !it->second.empty()) return;
  index(key, it->second, false);
  order_.erase(it->second.normal);
  rows_.erase(it);
}

void NameGraph::change(const NameEvidence& evidence, std::int64_t sign) {
  const auto key = name_key(evidence.normal);
  auto& known = row(key, evidence.normal);
  known.mentions += sign * evidence.mentions;
  known.homes += sign * evidence.homes;
  known.titles += sign * evidence.titles;
  known.impersonal += sign * evidence.impersonal;
  const auto kind = static_cast<std::size_t>(evidence.kind);
  known.mention_kinds[kind] += sign * evidence.mentions;
  known.home_kinds[kind] += sign * evidence.homes;
  RUNTIME_CHECK(known.mentions >= 0 && known.homes >= 0,
                "no more evidence is retracted than was added");
  auto display = std::find_if(known.displays.begin(), known.displays.end(),
                              [&](const auto& entry) { return entry.first == evidence.display; });
  if (display == known.displays.end())
    display = known.displays.insert(display, {evidence.display, 0});
  display->second += sign * (evidence.mentions + home_weight * evidence.homes);
  if (display->second == 0) known.displays.erase(display);
  reindex(key, known, true);
  drop_when_empty(key);
  unsettled_ = !verdicts_.same().empty();
}

void NameGraph::change(const AliasEvidence& evidence, std::int64_t sign) {
  const auto longer = name_key(evidence.normal_a);
  const auto shorter = name_key(evidence.normal_b);
  if (longer == shorter || evidence.count == 0) return;
  auto& above = row(longer, evidence.normal_a);
  auto& below = row(shorter, evidence.normal_b);
  auto edge = std::lower_bound(below.longs.begin(), below.longs.end(), longer,
                               [](const Edge& e, std::uint64_t key) { return e.other < key; });
  if (edge == below.longs.end() || edge->other != longer)
    edge = below.longs.insert(edge, Edge{longer, {}});
  edge->counts[static_cast<std::size_t>(evidence.rule)] += sign * evidence.count;
  auto seat = std::lower_bound(above.shorts.begin(), above.shorts.end(), shorter);
  const bool seated = seat != above.shorts.end() && *seat == shorter;
  const bool gone =
      std::all_of(edge->counts.begin(), edge->counts.end(), [](auto n) { return n == 0; });
  if (gone) below.longs.erase(edge);
  if (gone && seated) above.shorts.erase(seat);
  if (!gone && !seated) above.shorts.insert(seat, shorter);
  drop_when_empty(longer);
  drop_when_empty(shorter);
  unsettled_ = !verdicts_.same().empty();
}

std::uint64_t NameGraph::parent(std::uint64_t key) const {
  const auto above = parent_by_evidence(key);
  return above != key && told_apart(key, above) ? key : above;
}

// Whether a verdict keeps the name from what stands above it, up to `above`'s own root.
bool NameGraph::told_apart(std::uint64_t key, std::uint64_t above) const {
  const auto apart = verdicts_.different(key);
  if (apart.empty()) return false;
  for (std::size_t steps = 0; steps < max_steps; ++steps) {
    if (std::find(apart.begin(), apart.end(), above) != apart.end()) return true;
    const auto next = parent_by_evidence(above);
    if (next == above || next == key) return false;
    above = next;
  }
  return false;
}

std::uint64_t NameGraph::root(std::uint64_t key) const {
  const auto own = root_by_evidence(key);
  if (joined_.empty()) return own;
  const auto found = joined_.find(own);
  return found == joined_.end() ? own : found->second;
}

std::uint64_t NameGraph::root_by_evidence(std::uint64_t key) const {
  if (!rows_.contains(key)) return key;
  std::array<std::uint64_t, max_steps> path{};
  auto at = key;
  for (std::size_t steps = 0; steps < max_steps; ++steps) {
    const auto next = parent(at);
    if (next == at) return at;
    path[steps] = at;
    if (std::find(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(steps), next) !=
        path.begin() + static_cast<std::ptrdiff_t>(steps))
      return best_of_circle(next);
    at = next;
  }
  return key; // absurdly many steps: it stays alone
}

// Names that point at each other: the best of the circle stands for all.
std::uint64_t NameGraph::best_of_circle(std::uint64_t key) const {
  auto best = key;
  for (auto at = parent(key); at != key; at = parent(at))
    if (better_name(at, best)) best = at;
  return best;
}

bool NameGraph::better_name(std::uint64_t a, std::uint64_t b) const {
  const auto& x = rows_.at(a);
  const auto& y = rows_.at(b);
  if (x.titles != y.titles) return x.titles > y.titles;
  if (x.homes != y.homes) return x.homes > y.homes;
  if (x.mentions != y.mentions) return x.mentions > y.mentions;
  return x.normal < y.normal;
}

std::vector<std::uint64_t> NameGraph::members(std::uint64_t root_key) const {
  std::vector<std::uint64_t> found;
  members_by_evidence(root_key, found);
  if (const auto group = groups_.find(root_key); group != groups_.end())
    for (const auto other : group->second)
      if (other != root_key) members_by_evidence(other, found);
  std::sort(found.begin() + 1, found.end());
  return found;
}

// The root first, then the names below it.
void NameGraph::members_by_evidence(std::uint64_t root_key,
                                    std::vector<std::uint64_t>& found) const {
  const auto from = found.size();
  found.push_back(root_key);
  for (std::size_t i = from; i < found.size() && found.size() - from < max_members; ++i) {
    auto it = rows_.find(found[i]);
    if (it == rows_.end()) continue;
    const auto take = [&](std::uint64_t shorter) {
      if (std::find(found.begin(), found.end(), shorter) == found.end() &&
          root_by_evidence(shorter) == root_key)
        found.push_back(shorter);
    };
    for (const auto shorter : it->second.shorts) take(shorter);
    for (const auto shorter : inferred_shorts(found[i], it->second)) take(shorter);
  }
}

std::string_view NameGraph::normal(std::uint64_t key) const {
  auto it = rows_.find(key);
  return it == rows_.end() ? std::string_view{} : std::string_view{it->second.normal};
}

Kind NameGraph::kind_of(const Row& row) {
  std::size_t best = 0;
  std::int64_t votes = 0;
  for (std::size_t kind = 1; kind < row.mention_kinds.size(); ++kind) {
    const auto now = row.mention_kinds[kind] + home_weight * row.home_kinds[kind];
    if (now > votes) {
      best = kind;
      votes = now;
    }
  }
  return static_cast<Kind>(best);
}

Kind NameGraph::kind(std::uint64_t root_key) const {
  auto it = rows_.find(root_key);
  if (it == rows_.end()) return Kind::unknown;
  if (auto own = kind_of(it->second); own != Kind::unknown) return own;
  for (auto key : members(root_key))
    if (auto kind = kind_of(rows_.at(key)); kind != Kind::unknown) return kind;
  return Kind::unknown;
}

Entity NameGraph::entity(std::uint64_t root_key) const {
  Entity result;
  result.id = entity_id(root_key);
  result.normal = normal(root_key);
  result.kind = kind(root_key);
  result.keys = members(root_key);
  for (auto key : result.keys) {
    const auto& row = rows_.at(key);
    result.mentions += row.mentions;
    result.homes += row.homes;
    const auto shown = std::max_element(
        row.displays.begin(), row.displays.end(), [](const auto& a, const auto& b) {
          return a.second != b.second ? a.second < b.second : a.first > b.first;
        });
    auto display = shown == row.displays.end() ? row.normal : shown->first;
    if (key == root_key)
      result.name = std::move(display);
    else
      result.aliases.push_back(std::move(display));
  }
  std::sort(result.aliases.begin(), result.aliases.end());
  return result;
}

std::vector<Entity> resolve(std::span<const NameEvidence> names,
                            std::span<const AliasEvidence> aliases) {
  NameGraph graph;
  for (const auto& name : names) graph.add(name);
  for (const auto& alias : aliases) graph.add(alias);
  std::vector<Entity> entities;
  graph.for_each_root({}, [&](std::string_view, std::uint64_t root) {
    entities.push_back(graph.entity(root));
    return true;
  });
  return entities;
}

} // namespace graphrag::entity
