#include "actors/entity/communities/community_graph.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace graphrag::entity {

CommunityGraph::Node CommunityGraph::find(std::uint64_t key) const {
  const auto it = places_.find(key);
  return it == places_.end() || !alive(it->second) ? no_node : it->second;
}

std::vector<CommunityGraph::Node> CommunityGraph::by_key() const {
  std::vector<Node> all;
  all.reserve(live_);
  for (Node node = 0; node < nodes_.size(); ++node)
    if (alive(node)) all.push_back(node);
  std::sort(all.begin(), all.end(),
            [this](Node a, Node b) { return nodes_[a].key < nodes_[b].key; });
  return all;
}

std::size_t CommunityGraph::bytes() const noexcept {
  std::size_t sum = nodes_.capacity() * sizeof(Row) + changes_.capacity() * sizeof(Change) +
                    places_.size() * 32 + places_.bucket_count() * sizeof(void*);
  for (const auto& row : nodes_) sum += row.edges.capacity() * sizeof(Edge);
  return sum;
}

CommunityGraph::Node CommunityGraph::count(std::uint64_t key, std::int64_t sign) {
  const auto [it, fresh] = places_.try_emplace(key, no_node);
  if (fresh) {
    if (free_.empty()) {
      it->second = static_cast<Node>(nodes_.size());
      nodes_.emplace_back();
    } else {
      it->second = free_.back();
      free_.pop_back();
    }
    nodes_[it->second].key = key;
  }
  auto& row = nodes_[it->second];
  const bool was = row.evidence > 0;
  row.evidence += sign;
  RUNTIME_CHECK(row.evidence >= 0, "evidence of an entity retracted that was not added");
  if (was != (row.evidence > 0)) {
    live_ = was ? live_ - 1 : live_ + 1;
    came_or_went_.push_back(it->second);
  }
  return it->second;
}

void CommunityGraph::half(Node from, Node to, std::int64_t delta) {
  auto& row = nodes_[from];
  auto it = std::lower_bound(row.edges.begin(), row.edges.end(), to,
                             [](const Edge& edge, Node node) { return edge.to < node; });
  if (it == row.edges.end() || it->to != to) {
    it = row.edges.insert(it, {to, 0});
    ++half_edges_;
  }
  const auto weight = static_cast<std::int64_t>(it->weight) + delta;
  RUNTIME_CHECK(weight >= 0 && weight <= 0xffffffffLL, "weight of an edge out of its range");
  it->weight = static_cast<std::uint32_t>(weight);
  if (weight == 0) {
    row.edges.erase(it);
    --half_edges_;
    if (row.edges.capacity() > 4 * row.edges.size() + 16) row.edges.shrink_to_fit();
  }
  row.strength += static_cast<std::uint64_t>(delta);
  strength_ += static_cast<std::uint64_t>(delta);
}

void CommunityGraph::connect(Node a, Node b, std::int64_t delta) {
  if (a == b) return;
  half(a, b, delta);
  half(b, a, delta);
  if (recording_) changes_.push_back({a, b, delta});
}

void CommunityGraph::apply(const ChunkContribution& chunk, std::int64_t sign) {
  scratch_.clear();
  for (const auto key : chunk.keys) scratch_.push_back(count(key, sign));
  const auto n = chunk.keys.size();
  if (n > 1) {
    const bool all = n * (n - 1) / 2 <= pairs_per_chunk;
    const auto reach = all ? n - 1 : std::max<std::size_t>(1, pairs_per_chunk / n);
    const auto partners = std::min(n - 1, all ? n - 1 : 2 * reach);
    const auto weight = static_cast<std::int64_t>(
        std::max<std::size_t>(1, (weight_unit + partners / 2) / partners));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 1; j < n && j <= i + reach; ++j)
        connect(scratch_[i], scratch_[j], sign * weight);
  }
  for (const auto& [subject, object] : chunk.relations) {
    const auto from = count(subject, sign);
    const auto to = count(object, sign);
    connect(from, to, sign * static_cast<std::int64_t>(relation_weight));
  }
  if (!recording_) forget_changes();
}

void CommunityGraph::forget_changes() {
  for (const auto node : came_or_went_) {
    const auto it = places_.find(nodes_[node].key);
    if (alive(node) || it == places_.end() || it->second != node) continue;
    RUNTIME_CHECK(nodes_[node].edges.empty(), "an entity without evidence has edges");
    places_.erase(it);
    nodes_[node] = {};
    free_.push_back(node);
  }
  came_or_went_.clear();
  changes_.clear();
}

} // namespace graphrag::entity
