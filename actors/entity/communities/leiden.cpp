#include "actors/entity/communities/leiden.hpp"

#include <numeric>

namespace graphrag::entity {
namespace {

constexpr double least_gain = 1e-6; // of a weight; less is rounding
constexpr int most_rounds = 4;      // whole passes, each from the result of the one before
constexpr double round_gain = 1e-4; // of the quality; less does not pay another round

using Labels = std::vector<std::uint32_t>;

double gain_of(std::uint64_t weight, std::uint64_t a, std::uint64_t b, double whole) {
  return static_cast<double>(weight) - static_cast<double>(a) * static_cast<double>(b) / whole;
}

// Numbers labels anew in the order of their first nodes; returns how many there are.
std::uint32_t compact(Labels& labels) {
  Labels number(labels.size(), 0xffffffff);
  std::uint32_t next = 0;
  for (auto& label : labels) {
    if (number[label] == 0xffffffff) number[label] = next++;
    label = number[label];
  }
  return next;
}

// Sums of a node's weights by label, emptied in the time it was filled in.
class Weights {
public:
  explicit Weights(std::size_t labels) : sum_(labels, 0) {}
  void add(std::uint32_t label, std::uint64_t weight) {
    if (sum_[label] == 0) seen_.push_back(label);
    sum_[label] += weight;
  }
  std::uint64_t operator[](std::uint32_t label) const { return sum_[label]; }
  const Labels& seen() const { return seen_; }
  void clear() {
    for (const auto label : seen_) sum_[label] = 0;
    seen_.clear();
  }

private:
  std::vector<std::uint64_t> sum_;
  Labels seen_;
};

// Moves single nodes while that helps. Looks again only at neighbours of what has moved.
void move_nodes(const FlatGraph& graph, double whole, Labels& labels) {
  const auto n = static_cast<std::uint32_t>(graph.size());
  std::vector<std::uint64_t> strength(n, 0);
  std::vector<std::uint32_t> size(n, 0);
  for (std::uint32_t v = 0; v < n; ++v) {
    strength[labels[v]] += graph.strength[v];
    ++size[labels[v]];
  }
  Labels unused;
  for (std::uint32_t label = n; label-- > 0;)
    if (size[label] == 0) unused.push_back(label);
  Labels queue(n); // a ring: no node is in it twice
  std::iota(queue.begin(), queue.end(), 0U);
  std::vector<char> queued(n, 1);
  std::size_t head = 0;
  std::size_t waiting = n;
  Weights weights{n};
  while (waiting > 0) {
    const auto v = queue[head];
    head = head + 1 == n ? 0 : head + 1;
    --waiting;
    queued[v] = 0;
    for (auto e = graph.begin[v]; e < graph.begin[v + 1]; ++e)
      weights.add(labels[graph.edges[e].to], graph.edges[e].weight);
    const auto own = labels[v];
    const auto k = graph.strength[v];
    auto best = own;
    double best_gain = gain_of(weights[own], k, strength[own] - k, whole) + least_gain;
    for (const auto label : weights.seen()) {
      if (label == own) continue;
      const double gain = gain_of(weights[label], k, strength[label], whole);
      if (gain > best_gain) {
        best = label;
        best_gain = gain;
      }
    }
    if (best_gain < 0 && size[own] > 1) best = unused.back();
    weights.clear();
    if (best == own) continue;
    strength[own] -= k;
    strength[best] += k;
    if (--size[own] == 0) unused.push_back(own);
    if (size[best]++ == 0) unused.pop_back();
    labels[v] = best;
    for (auto e = graph.begin[v]; e < graph.begin[v + 1]; ++e) {
      const auto to = graph.edges[e].to;
      if (queued[to] != 0 || labels[to] == best) continue;
      queued[to] = 1;
      queue[(head + waiting) % n] = to;
      ++waiting;
    }
  }
}

// Parts of the communities: each starts as single nodes that join one by one, only where both sides
// are well connected to the rest of the community.
Labels refine(const FlatGraph& graph, double whole, const Labels& community) {
  const auto n = static_cast<std::uint32_t>(graph.size());
  Labels part(n);
  std::iota(part.begin(), part.end(), 0U);
  std::vector<std::uint64_t> community_strength(n, 0);
  std::vector<std::uint64_t> strength = graph.strength; // of a part
  std::vector<std::uint64_t> outward(n, 0);             // of a part, to its own community
  std::vector<std::uint32_t> size(n, 1);
  for (std::uint32_t v = 0; v < n; ++v) {
    community_strength[community[v]] += graph.strength[v];
    for (auto e = graph.begin[v]; e < graph.begin[v + 1]; ++e)
      if (community[graph.edges[e].to] == community[v]) outward[v] += graph.edges[e].weight;
  }
  const auto well_connected = [&](std::uint32_t p, std::uint64_t all) {
    return gain_of(outward[p], strength[p], all - strength[p], whole) >= -least_gain;
  };
  Weights weights{n};
  for (std::uint32_t v = 0; v < n; ++v) {
    const auto all = community_strength[community[v]];
    if (size[part[v]] != 1 || !well_connected(part[v], all)) continue;
    for (auto e = graph.begin[v]; e < graph.begin[v + 1]; ++e)
      if (const auto to = graph.edges[e].to; community[to] == community[v])
        weights.add(part[to], graph.edges[e].weight);
    const auto own = part[v];
    auto best = own;
    double best_gain = least_gain;
    for (const auto p : weights.seen()) {
      const double gain = gain_of(weights[p], strength[own], strength[p], whole);
      if (gain > best_gain && well_connected(p, all)) {
        best = p;
        best_gain = gain;
      }
    }
    if (best != own) {
      outward[best] += outward[own] - 2 * weights[best];
      strength[best] += strength[own];
      size[best] += 1;
      size[own] = 0;
      part[v] = best;
    }
    weights.clear();
  }
  return part;
}

// Labels by connected pieces of the given labels.
Labels pieces_of(const FlatGraph& graph, const Labels& labels) {
  const auto n = static_cast<std::uint32_t>(graph.size());
  Labels piece(n, 0xffffffff);
  Labels stack;
  for (std::uint32_t first = 0; first < n; ++first) {
    if (piece[first] != 0xffffffff) continue;
    piece[first] = first;
    stack.push_back(first);
    while (!stack.empty()) {
      const auto v = stack.back();
      stack.pop_back();
      for (auto e = graph.begin[v]; e < graph.begin[v + 1]; ++e) {
        const auto to = graph.edges[e].to;
        if (piece[to] != 0xffffffff || labels[to] != labels[v]) continue;
        piece[to] = first;
        stack.push_back(to);
      }
    }
  }
  return piece;
}

// The graph whose nodes are the parts.
FlatGraph aggregate(const FlatGraph& graph, const Labels& part, std::uint32_t parts) {
  FlatGraph result;
  result.strength.assign(parts, 0);
  result.loop.assign(parts, 0);
  Labels first(parts + 1, 0);
  Labels order(graph.size());
  for (const auto p : part) ++first[p + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  auto next = first;
  for (std::uint32_t v = 0; v < graph.size(); ++v) order[next[part[v]]++] = v;
  Weights weights{parts};
  for (std::uint32_t p = 0; p < parts; ++p) {
    for (auto i = first[p]; i < first[p + 1]; ++i) {
      const auto v = order[i];
      result.strength[p] += graph.strength[v];
      if (!graph.loop.empty()) result.loop[p] += graph.loop[v];
      for (auto e = graph.begin[v]; e < graph.begin[v + 1]; ++e)
        weights.add(part[graph.edges[e].to], graph.edges[e].weight);
    }
    for (const auto to : weights.seen())
      if (to == p)
        result.loop[p] += weights[to];
      else
        result.edges.push_back({to, weights[to]});
    weights.clear();
    result.begin.push_back(result.edges.size());
  }
  return result;
}

// One pass over all sizes of graph, from the given labels of the nodes to better ones.
void pass(const FlatGraph& graph, double whole, Labels& labels) {
  Labels place(graph.size()); // of a node in the graph at hand
  std::iota(place.begin(), place.end(), 0U);
  FlatGraph coarse;
  const FlatGraph* at = &graph;
  auto community = labels;
  for (;;) {
    move_nodes(*at, whole, community);
    if (compact(community) == at->size()) break;
    auto part = refine(*at, whole, community);
    auto parts = compact(part);
    if (parts == at->size()) {
      part = pieces_of(*at, community);
      parts = compact(part);
    }
    if (parts == at->size()) break;
    Labels next(parts);
    for (std::uint32_t v = 0; v < at->size(); ++v) next[part[v]] = community[v];
    for (auto& p : place) p = part[p];
    coarse = aggregate(*at, part, parts);
    at = &coarse;
    community = std::move(next);
  }
  for (std::size_t v = 0; v < place.size(); ++v) labels[v] = community[place[v]];
}

} // namespace

double partition_quality(const FlatGraph& graph, const FlatPartition& partition, double whole) {
  std::vector<std::uint64_t> strength(partition.parts, 0);
  double inside = 0;
  for (std::uint32_t v = 0; v < graph.size(); ++v) {
    strength[partition.label[v]] += graph.strength[v];
    if (!graph.loop.empty()) inside += static_cast<double>(graph.loop[v]);
    for (auto e = graph.begin[v]; e < graph.begin[v + 1]; ++e)
      if (partition.label[graph.edges[e].to] == partition.label[v])
        inside += static_cast<double>(graph.edges[e].weight);
  }
  double squares = 0;
  for (const auto k : strength) squares += static_cast<double>(k) * static_cast<double>(k);
  return whole > 0 ? inside - squares / whole : 0;
}

FlatPartition leiden(const FlatGraph& graph, double whole) {
  FlatPartition best;
  best.label.resize(graph.size());
  std::iota(best.label.begin(), best.label.end(), 0U);
  best.parts = static_cast<std::uint32_t>(graph.size());
  if (graph.edges.empty()) return best;
  double quality = partition_quality(graph, best, whole);
  for (int round = 0; round < most_rounds; ++round) {
    FlatPartition next = best;
    pass(graph, whole, next.label);
    compact(next.label);
    next.label = pieces_of(graph, next.label);
    next.parts = compact(next.label);
    const double reached = partition_quality(graph, next, whole);
    if (reached <= quality) break;
    const bool enough = reached - quality < round_gain * whole;
    best = std::move(next);
    quality = reached;
    if (enough) break;
  }
  return best;
}

} // namespace graphrag::entity
