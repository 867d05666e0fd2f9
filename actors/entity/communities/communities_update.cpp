// Communities::update(): what changed in the graph is booked, then each level from the top down
// moves nodes, repairs connections, joins small communities and splits those anew that changed
// much.
#include <algorithm>

#include "actors/entity/communities/communities.hpp"

namespace graphrag::entity {
namespace {

constexpr auto none = CommunityLevel::none;
constexpr double least_gain = 1e-6;     // of a weight; less is rounding
constexpr std::size_t small_merge = 64; // entities of a community that looks for one to join
constexpr std::uint64_t churn_floor = 20ULL * CommunityGraph::weight_unit;
constexpr std::size_t edges_per_visit = 32; // a node with more neighbours counts for more visits

} // namespace

UpdateStats Communities::update() {
  UpdateStats stats;
  if (!built_) {
    rebuild();
    stats.changed = stats.visited = graph_.nodes();
  } else {
    take_changes(stats);
    for (auto level = levels(); level-- > 0;) {
      drain(level, stats);
      connect_all(level, stats);
      merge_small(level, stats);
    }
    for (auto level = levels(); level-- > 0;) resettle_churned(level, stats);
    for (const auto& work : work_) stats.pending += work.queue.size();
    finish();
  }
  stats.modularity = modularity();
  stats.fresh_modularity = fresh_modularity_;
  stats.rebuild_due = rebuild_due();
  return stats;
}

// Books the graph's changes where nodes have communities; queues the nodes.
void Communities::take_changes(UpdateStats& stats) {
  for (auto& level : levels_) level.fit(graph_.places());
  mark_.resize(graph_.places(), none);
  queued_.resize(graph_.places(), 0);
  for (const auto& [a, b, delta] : graph_.changes()) {
    for (std::uint32_t at = 0; at < levels(); ++at) {
      auto& level = levels_[at];
      const auto of_a = level.of(a);
      const auto of_b = level.of(b);
      const bool within = of_a != none && of_a == of_b;
      for (const auto slot : {of_a, of_b}) {
        if (slot == none) continue;
        level.change(slot, within ? delta : 0, delta);
        touch(at, slot);
      }
      if (within && delta < 0) work_[at].suspects.insert(work_[at].suspects.end(), {a, b});
    }
    enqueue_below(levels(), a);
    enqueue_below(levels(), b);
  }
  for (const auto node : graph_.came_or_went()) {
    if (graph_.alive(node)) {
      enqueue_below(levels(), node);
      continue;
    }
    for (std::uint32_t at = 0; at < levels(); ++at)
      if (const auto slot = levels_[at].of(node); slot != none) {
        touch(at, slot);
        levels_[at].leave(node, 0, 0); // its edges went before it
      }
  }
  for (const auto& work : work_) stats.changed = std::max(stats.changed, work.queue.size());
  graph_.forget_changes();
}

void Communities::enqueue(std::uint32_t level, Node node) {
  const auto bit = static_cast<std::uint8_t>(1U << level);
  if ((queued_[node] & bit) != 0) return;
  queued_[node] = static_cast<std::uint8_t>(queued_[node] | bit);
  work_[level].queue.push_back(node);
}

void Communities::enqueue_below(std::uint32_t level, Node node) {
  while (level-- > 0) enqueue(level, node);
}

void Communities::drain(std::uint32_t level, UpdateStats& stats) {
  auto& queue = work_[level].queue;
  const auto bit = static_cast<std::uint8_t>(1U << level);
  std::vector<Node> later;
  std::size_t visits = 0;
  for (std::size_t i = 0; i < queue.size(); ++i) { // grows meanwhile
    const auto node = queue[i];
    if (visits >= options_.visits && graph_.alive(node) && levels_[level].of(node) != none) {
      later.push_back(node);
      continue;
    }
    queued_[node] = static_cast<std::uint8_t>(queued_[node] & ~bit);
    if (!graph_.alive(node)) continue;
    visits += 1 + graph_.neighbours(node).size() / edges_per_visit;
    ++stats.visited;
    place(level, node, stats);
  }
  queue = std::move(later);
}

// Sums the node's edges by community, of those with the same parent.
void Communities::weigh(std::uint32_t level, Node node) {
  const auto& here = levels_[level];
  const bool top = level + 1 == levels();
  const auto parent = top ? none : levels_[level + 1].of(node);
  if (weight_.size() < here.slots()) weight_.resize(here.slots(), 0);
  for (const auto& edge : graph_.neighbours(node)) {
    const auto slot = here.of(edge.to);
    if (slot == none || (!top && here[slot].parent != parent)) continue;
    if (weight_[slot] == 0) seen_.push_back(slot);
    weight_[slot] += edge.weight;
  }
}

void Communities::forget_weights() {
  for (const auto slot : seen_) weight_[slot] = 0;
  seen_.clear();
}

std::uint64_t Communities::weight_into(std::uint32_t level, Node node, Slot slot) const {
  std::uint64_t sum = 0;
  for (const auto& edge : graph_.neighbours(node))
    if (levels_[level].of(edge.to) == slot) sum += edge.weight;
  return sum;
}

Communities::Slot Communities::only_child(std::uint32_t level, Slot parent) const {
  for (const auto node : levels_[level + 1][parent].members)
    if (const auto slot = levels_[level].of(node);
        slot != none && levels_[level][slot].parent == parent)
      return slot;
  return none;
}

// The community where the node adds most; `alone` when that is one of its own.
Communities::Slot Communities::choose(std::uint32_t level, Node node, bool& alone) {
  const auto& here = levels_[level];
  const auto own = here.of(node);
  const auto parent = level + 1 == levels() ? none : levels_[level + 1].of(node);
  if (parent != none && levels_[level + 1][parent].whole) {
    const auto child = only_child(level, parent);
    alone = child == none;
    return child;
  }
  weigh(level, node);
  const double whole = whole_of(level, parent);
  const auto k = static_cast<double>(graph_.strength(node));
  Slot best = none;
  double best_gain = 0; // alone
  if (own != none) {
    const auto others = static_cast<double>(here[own].strength) - k;
    const double gain =
        whole > 0 ? static_cast<double>(weight_[own]) - k * others / whole + least_gain : 0;
    if (gain >= 0) best = own;
    best_gain = std::max(gain, 0.0);
  }
  for (const auto slot : seen_) {
    if (slot == own) continue;
    const double gain =
        static_cast<double>(weight_[slot]) - k * static_cast<double>(here[slot].strength) / whole;
    if (gain > best_gain) {
      best = slot;
      best_gain = gain;
    }
  }
  forget_weights();
  alone = best == none;
  return best;
}

void Communities::place(std::uint32_t level, Node node, UpdateStats& stats) {
  auto& here = levels_[level];
  bool alone = false;
  auto best = choose(level, node, alone);
  const auto own = here.of(node);
  if (own != none && (best == own || (alone && here[own].members.size() == 1))) return;
  ++stats.moved;
  if (own != none)
    for (auto at = level + 1; at-- > 0;) leave(at, node);
  if (alone)
    best = here.open(next_id_++, level + 1 == levels() ? none : levels_[level + 1].of(node));
  here.join(node, best, graph_.strength(node), weight_into(level, node, best));
  touch(level, best);
  enqueue_below(level, node);
  const auto parent = here[best].parent;
  for (const auto& edge : graph_.neighbours(node))
    if (const auto slot = here.of(edge.to);
        slot != none && slot != best && here[slot].parent == parent)
      enqueue(level, edge.to);
}

// Takes the node out; those of the community that it was joined to may have lost their connection.
void Communities::leave(std::uint32_t level, Node node) {
  auto& here = levels_[level];
  const auto slot = here.of(node);
  if (slot == none) return;
  std::uint64_t weight = 0;
  for (const auto& edge : graph_.neighbours(node))
    if (here.of(edge.to) == slot) {
      weight += edge.weight;
      work_[level].suspects.push_back(edge.to);
    }
  touch(level, slot);
  here.leave(node, graph_.strength(node), weight);
}

// Small communities that changed join the neighbour that gains most by it, whole.
void Communities::merge_small(std::uint32_t level, UpdateStats& stats) {
  auto& here = levels_[level];
  auto& touched = work_[level].touched;
  for (std::size_t i = 0; i < touched.size(); ++i) { // grows meanwhile
    const auto slot = touched[i];
    const auto parent = here[slot].parent;
    if (here[slot].id == 0 || here[slot].members.size() > small_merge) continue;
    if (parent != none && levels_[level + 1][parent].whole) continue;
    for (const auto node : here[slot].members) weigh(level, node);
    stats.visited += here[slot].members.size();
    const double whole = whole_of(level, parent);
    const auto k = static_cast<double>(here[slot].strength);
    Slot best = none;
    double best_gain = least_gain;
    for (const auto other : seen_) {
      const double gain = static_cast<double>(weight_[other]) -
                          k * static_cast<double>(here[other].strength) / whole;
      if (other != slot && gain > best_gain) {
        best = other;
        best_gain = gain;
      }
    }
    const auto weight = best == none ? 0 : weight_[best];
    forget_weights();
    if (best == none) continue;
    ++stats.merged;
    const bool larger = here[best].members.size() >= here[slot].members.size();
    merge(level, larger ? slot : best, larger ? best : slot, weight);
    const auto into = larger ? best : slot;
    here[into].touched = true;
    touched.push_back(into); // it may go on
  }
}

void Communities::merge(std::uint32_t level, Slot from, Slot into, std::uint64_t weight) {
  auto& here = levels_[level];
  here[into].whole = false; // two children now
  if (level > 0)
    for (const auto node : here[from].members) {
      auto& below = levels_[level - 1];
      if (below.of(node) != none) below[below.of(node)].parent = into;
      enqueue_below(level, node);
    }
  here.merge(from, into, weight);
}

void Communities::resettle_churned(std::uint32_t level, UpdateStats& stats) {
  auto& here = levels_[level];
  const auto touched = work_[level].touched; // settling touches more
  for (const auto slot : touched) {
    const auto& entry = here[slot];
    if (entry.id == 0 || entry.churn <= entry.strength / 2 + churn_floor) continue;
    if (entry.members.size() < 3) continue;
    if (entry.members.size() > options_.resettle_below) {
      overgrown_ = true;
      continue;
    }
    std::vector<Group> group(1);
    group[0].nodes = entry.members;
    group[0].parent = entry.parent;
    group[0].whole = entry.parent != none && levels_[level + 1][entry.parent].whole;
    std::sort(group[0].nodes.begin(), group[0].nodes.end(),
              [this](Node a, Node b) { return graph_.key(a) < graph_.key(b); });
    stats.visited += group[0].nodes.size() * (level + 1);
    ++stats.resettled;
    settle(level, std::move(group));
  }
}

} // namespace graphrag::entity
