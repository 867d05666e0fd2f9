#include "cluster/placement.hpp"

#include <cmath>
#include <map>
#include <numeric>

namespace graphrag::cluster {
namespace {

std::uint64_t mixed(std::uint64_t x) noexcept { // splitmix64, Steele et al. 2014
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Highest wins; a node wins in proportion to its weight (Schindelhauer and Schomaker 2005).
double score(std::uint32_t shard, const Capacity& node) {
  const auto hash = mixed((std::uint64_t{shard} << 32) ^ mixed(node.node));
  const double uniform = (static_cast<double>(hash >> 11) + 0.5) * 0x1p-53;
  return static_cast<double>(node.budget) / -std::log(uniform);
}

void insert(std::vector<NodeOrdinal>& sorted, NodeOrdinal node) {
  sorted.insert(std::ranges::lower_bound(sorted, node), node);
}

template <class Each>
void each_holder(const ShardOwners& owners, Each&& each) {
  for (const auto* list : {&owners.serving, &owners.loading, &owners.retiring})
    for (auto node : *list) each(node);
}

bool includes(const std::vector<NodeOrdinal>& all, const std::vector<NodeOrdinal>& some) {
  return std::ranges::includes(all, some);
}

// Moves on what is under way in one shard; starts nothing.
void advance(const Snapshot& snapshot, std::uint32_t shard, const std::vector<NodeOrdinal>& ideal,
             ShardOwners& owners) {
  const auto& view = snapshot.view;
  const auto lease_at = [&](NodeOrdinal node) {
    const auto* member = view.find(node);
    const auto* lease = member == nullptr ? nullptr : snapshot.lease_of(member->id);
    return lease != nullptr && lease->seen_view == view.version ? lease : nullptr;
  };
  const bool all_have_seen = std::ranges::all_of(
      view.members, [&](const Member& m) { return lease_at(m.id.ordinal) != nullptr; });
  if (all_have_seen) owners.retiring.clear();
  std::erase_if(owners.loading, [&](NodeOrdinal node) {
    const auto* lease = lease_at(node);
    const bool loaded =
        lease != nullptr && std::ranges::find(lease->loaded, shard) != lease->loaded.end();
    if (loaded && contains(ideal, node)) insert(owners.serving, node);
    return loaded || !contains(ideal, node);
  });
  if (ideal.empty() || !includes(owners.serving, ideal)) return;
  for (auto node : owners.serving)
    if (!contains(ideal, node)) insert(owners.retiring, node);
  owners.serving = ideal;
}

} // namespace

std::vector<std::vector<NodeOrdinal>> ideal_placement(std::span<const Capacity> nodes,
                                                      std::span<const std::uint64_t> bytes,
                                                      std::uint32_t replicas) {
  std::vector<std::vector<NodeOrdinal>> out(bytes.size());
  std::vector<std::uint64_t> used(nodes.size());
  std::vector<std::pair<double, std::size_t>> order(nodes.size());
  for (std::uint32_t shard = 0; shard < bytes.size(); ++shard) {
    for (std::size_t i = 0; i < nodes.size(); ++i) order[i] = {score(shard, nodes[i]), i};
    std::ranges::sort(order, [&](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : nodes[a.second].node < nodes[b.second].node;
    });
    for (const auto& [points, i] : order) {
      if (out[shard].size() == replicas) break;
      if (bytes[shard] > nodes[i].budget - used[i]) continue;
      used[i] += bytes[shard];
      insert(out[shard], nodes[i].node);
    }
  }
  return out;
}

PlacementPlan next_placement(const Snapshot& snapshot, std::span<const std::uint64_t> bytes,
                             const Settings& settings) {
  const auto& view = snapshot.view;
  std::vector<Capacity> nodes;
  std::map<NodeOrdinal, std::uint64_t> budget, held;
  for (const auto& member : view.members) {
    const auto* lease = snapshot.lease_of(member.id);
    budget[member.id.ordinal] = member.memory_budget;
    if (member.state == MemberState::up && member.memory_budget > 0 && lease != nullptr &&
        !lease->isolated)
      nodes.push_back({member.id.ordinal, member.memory_budget});
  }
  const auto ideal = ideal_placement(nodes, bytes, settings.replicas);
  const auto full = std::min<std::size_t>(settings.replicas, nodes.size());

  PlacementPlan plan{view.shards, {}};
  plan.shards.resize(bytes.size());
  std::size_t loading = 0;
  for (std::uint32_t shard = 0; shard < bytes.size(); ++shard) {
    auto& owners = plan.shards[shard];
    advance(snapshot, shard, ideal[shard], owners);
    loading += owners.loading.size();
    each_holder(owners, [&](NodeOrdinal node) { held[node] += bytes[shard]; });
    if (ideal[shard].size() < full) plan.no_room.push_back(shard);
  }
  if (!is_settled(snapshot, settings)) return plan;

  std::vector<std::uint32_t> order(bytes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {},
                           [&](std::uint32_t s) { return plan.shards[s].serving.size(); });
  for (auto shard : order) {
    auto& owners = plan.shards[shard];
    for (auto node : ideal[shard]) {
      if (loading >= settings.max_loading) return plan;
      if (contains(owners.serving, node) || contains(owners.loading, node)) continue;
      if (contains(owners.retiring, node)) continue; // once it is dropped it can load again
      if (held[node] + bytes[shard] > budget[node]) continue;
      held[node] += bytes[shard];
      insert(owners.loading, node);
      ++loading;
    }
  }
  return plan;
}

bool is_complete(const ClusterView& view, const Settings& settings) noexcept {
  const auto is_up = [](const Member& member) {
    return member.state == MemberState::up && member.memory_budget > 0;
  };
  const auto up = static_cast<std::size_t>(std::ranges::count_if(view.members, is_up));
  const auto serves_up = [&](NodeOrdinal node) { return is_up(*view.find(node)); };
  return !view.shards.empty() && std::ranges::all_of(view.shards, [&](const ShardOwners& owners) {
    return owners.serving.size() == std::min<std::size_t>(settings.replicas, up) &&
           owners.loading.empty() && owners.retiring.empty() &&
           std::ranges::all_of(owners.serving, serves_up);
  });
}

} // namespace graphrag::cluster
