#include "actors/entity/communities/communities.hpp"

#include <algorithm>
#include <map>

#include "actors/entity/communities/leiden.hpp"
#include "runtime/check.hpp"

namespace graphrag::entity {
namespace {

constexpr auto none = CommunityLevel::none;

// Gives each part the id of the community it shares most nodes with; 0 where there is none left.
struct Overlap {
  std::size_t nodes = 0;
  std::uint64_t id = 0;
  std::size_t part = 0;
};

std::vector<std::uint64_t> inherit(std::vector<Overlap>& overlaps, std::size_t parts) {
  std::sort(overlaps.begin(), overlaps.end(), [](const Overlap& a, const Overlap& b) {
    if (a.nodes != b.nodes) return a.nodes > b.nodes;
    return a.id != b.id ? a.id < b.id : a.part < b.part;
  });
  std::vector<std::uint64_t> ids(parts, 0);
  std::unordered_map<std::uint64_t, bool> taken;
  for (const auto& overlap : overlaps)
    if (ids[overlap.part] == 0 && taken.try_emplace(overlap.id, true).second)
      ids[overlap.part] = overlap.id;
  return ids;
}

} // namespace

Communities::Communities(CommunityOptions options)
    : options_{options}, levels_(options.levels), work_(options.levels) {
  RUNTIME_CHECK(options.levels >= 1 && options.levels <= 8, "1 to 8 levels of communities");
}

double Communities::whole_of(std::uint32_t level, Slot parent) const {
  return static_cast<double>(level + 1 == levels() ? graph_.strength()
                                                   : levels_[level + 1][parent].strength);
}

std::vector<Communities::Group> Communities::split(const Group& group, double whole) {
  const auto n = group.nodes.size();
  for (std::uint32_t i = 0; i < n; ++i) mark_[group.nodes[i]] = i;
  FlatGraph flat;
  flat.begin.assign(n + 1, 0);
  for (std::size_t i = 0; i < n; ++i) {
    flat.strength.push_back(graph_.strength(group.nodes[i]));
    for (const auto& edge : graph_.neighbours(group.nodes[i]))
      if (mark_[edge.to] != none) ++flat.begin[i + 1];
  }
  for (std::size_t i = 0; i < n; ++i) flat.begin[i + 1] += flat.begin[i];
  flat.edges.resize(flat.begin[n]);
  auto next = flat.begin;
  for (std::uint32_t i = 0; i < n; ++i) // fills every row in the order of keys
    for (const auto& edge : graph_.neighbours(group.nodes[i]))
      if (const auto j = mark_[edge.to]; j != none) flat.edges[next[j]++] = {i, edge.weight};
  for (const auto node : group.nodes) mark_[node] = none;
  const auto partition = leiden(flat, whole);
  std::vector<Group> parts(partition.parts);
  for (std::size_t i = 0; i < n; ++i) parts[partition.label[i]].nodes.push_back(group.nodes[i]);
  return parts;
}

void Communities::settle(std::uint32_t level, std::vector<Group> groups) {
  for (auto at = level + 1; at-- > 0;) {
    std::vector<Group> parts;
    for (auto& group : groups) {
      const auto parent = group.parent;
      if (group.whole || group.nodes.size() < 2) {
        parts.push_back(std::move(group));
        continue;
      }
      for (auto& part : split(group, whole_of(at, parent))) {
        part.parent = parent;
        parts.push_back(std::move(part));
      }
    }
    install(at, parts);
    groups = std::move(parts);
  }
}

// Replaces the communities of the parts' nodes by the parts. Afterwards the parts are groups for
// the level below.
void Communities::install(std::uint32_t level, std::vector<Group>& parts) {
  auto& here = levels_[level];
  std::vector<Overlap> overlaps;
  std::vector<Slot> old;
  std::map<std::uint64_t, std::size_t> shared;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    shared.clear();
    for (const auto node : parts[i].nodes)
      if (const auto slot = here.of(node); slot != none) {
        ++shared[here[slot].id];
        old.push_back(slot);
      }
    for (const auto& [id, nodes] : shared) overlaps.push_back({nodes, id, i});
  }
  const auto ids = inherit(overlaps, parts.size());
  std::sort(old.begin(), old.end());
  old.erase(std::unique(old.begin(), old.end()), old.end());
  for (const auto slot : old) here.dissolve(slot);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto slot = here.open(ids[i] != 0 ? ids[i] : next_id_++, parts[i].parent);
    for (const auto node : parts[i].nodes)
      here.join(node, slot, graph_.strength(node), weight_into(level, node, slot));
    parts[i].parent = slot;
    parts[i].whole = parts[i].nodes.size() <= options_.split_above;
    here[slot].whole = parts[i].whole;
    here[slot].churn = 0;
    touch(level, slot);
  }
}

void Communities::rebuild() {
  UpdateStats ignored;
  if (built_) take_changes(ignored); // what is gone leaves its communities
  graph_.record_changes();
  graph_.forget_changes();
  for (auto& level : levels_) level.fit(graph_.places());
  mark_.resize(graph_.places(), none);
  queued_.assign(graph_.places(), 0);
  for (auto& work : work_) work = {};
  if (graph_.nodes() > 0) {
    std::vector<Group> all(1);
    all[0].nodes = graph_.by_key();
    settle(levels() - 1, std::move(all));
  }
  built_ = true;
  overgrown_ = false;
  fresh_modularity_ = modularity();
  fresh_nodes_ = graph_.nodes();
  finish();
}

void Communities::touch(std::uint32_t level, Slot slot) {
  if (levels_[level][slot].touched) return;
  levels_[level][slot].touched = true;
  work_[level].touched.push_back(slot);
}

// Says which communities changed.
void Communities::finish() {
  changed_ids_.clear();
  for (std::uint32_t level = 0; level < levels(); ++level) {
    for (const auto slot : work_[level].touched) {
      auto& entry = levels_[level][slot];
      if (!entry.touched) continue; // gone, or seen already
      entry.touched = false;
      changed_ids_.push_back(entry.id);
    }
    work_[level].touched.clear();
  }
  std::sort(changed_ids_.begin(), changed_ids_.end());
}

double Communities::modularity() const noexcept {
  const auto whole = static_cast<double>(graph_.strength());
  const auto& top = levels_.back();
  return whole > 0 ? (top.inside() - top.squares() / whole) / whole : 0;
}

bool Communities::rebuild_due() const noexcept {
  return built_ && (overgrown_ || modularity() < options_.least_quality * fresh_modularity_ ||
                    graph_.nodes() > 2 * fresh_nodes_ + 64);
}

std::size_t Communities::bytes() const noexcept {
  std::size_t sum = graph_.bytes() + queued_.capacity() +
                    (mark_.capacity() + seen_.capacity()) * sizeof(std::uint32_t) +
                    weight_.capacity() * sizeof(std::uint64_t);
  for (const auto& level : levels_) sum += level.bytes();
  return sum;
}

std::vector<std::uint64_t> Communities::list(std::uint32_t level, std::size_t least) const {
  std::vector<std::pair<std::size_t, std::uint64_t>> found;
  for (Slot slot = 0; slot < levels_[level].slots(); ++slot)
    if (const auto& entry = levels_[level][slot]; entry.id != 0 && entry.members.size() >= least)
      found.emplace_back(entry.members.size(), entry.id);
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::uint64_t> ids;
  ids.reserve(found.size());
  for (const auto& [members, id] : found) ids.push_back(id);
  return ids;
}

std::optional<Community> Communities::find(std::uint64_t id) const {
  for (std::uint32_t level = 0; level < levels(); ++level) {
    const auto slot = levels_[level].find(id);
    if (slot == none) continue;
    const auto& entry = levels_[level][slot];
    Community found;
    found.id = id;
    found.level = level;
    found.inside = entry.inside / 2;
    found.strength = entry.strength;
    if (entry.parent != none) found.parent = levels_[level + 1][entry.parent].id;
    for (const auto node : entry.members) {
      found.members.push_back(graph_.key(node));
      if (level > 0) found.children.push_back(levels_[level - 1][levels_[level - 1].of(node)].id);
    }
    std::sort(found.members.begin(), found.members.end());
    std::sort(found.children.begin(), found.children.end());
    found.children.erase(std::unique(found.children.begin(), found.children.end()),
                         found.children.end());
    return found;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Communities::community_of(std::uint64_t key,
                                                       std::uint32_t level) const {
  const auto node = graph_.find(key);
  if (node == CommunityGraph::no_node || node >= levels_[level].places()) return std::nullopt;
  const auto slot = levels_[level].of(node);
  if (slot == none) return std::nullopt;
  return levels_[level][slot].id;
}

double modularity(const CommunityGraph& graph,
                  const std::function<std::uint64_t(std::uint64_t key)>& community_of) {
  const auto whole = static_cast<double>(graph.strength());
  std::unordered_map<std::uint64_t, double> strengths;
  std::vector<std::uint64_t> community(graph.places(), 0);
  for (CommunityGraph::Node node = 0; node < graph.places(); ++node)
    if (graph.alive(node)) {
      community[node] = community_of(graph.key(node));
      strengths[community[node]] += static_cast<double>(graph.strength(node));
    }
  double sum = 0;
  for (CommunityGraph::Node node = 0; node < graph.places(); ++node)
    for (const auto& edge : graph.neighbours(node))
      if (community[edge.to] == community[node]) sum += edge.weight;
  for (const auto& [id, strength] : strengths) sum -= strength * strength / whole;
  return whole > 0 ? sum / whole : 0;
}

} // namespace graphrag::entity
