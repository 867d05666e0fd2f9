#pragma once
// One flat partition of a weighted graph by modularity: Leiden's method (Traag, Waltman, van Eck
// 2019) with greedy instead of random choices, so that the same graph always gives the same
// partition. Pure; time about proportional to the edges.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace graphrag::entity {

// Compressed rows: the edges of node n are [begin[n], begin[n + 1]). Every edge stands in both its
// rows; none leads from a node to itself.
struct FlatGraph {
  struct Edge {
    std::uint32_t to = 0;
    std::uint64_t weight = 0;
  };
  std::vector<std::size_t> begin{0};
  std::vector<Edge> edges;
  std::vector<std::uint64_t> strength; // of each node; may be more than its edges here (a subgraph)
  std::vector<std::uint64_t> loop;     // weight within a node, both directions; empty = none

  std::size_t size() const noexcept { return strength.size(); }
};

struct FlatPartition {
  std::vector<std::uint32_t> label; // 0 .. parts - 1, in the order of their first nodes
  std::uint32_t parts = 0;
};

// Maximises the sum over parts of inside(part) - strength(part)^2 / whole, where inside counts both
// directions. With whole = the strength of all nodes this is modularity times whole. Every part is
// connected.
FlatPartition leiden(const FlatGraph& graph, double whole);

// That sum.
double partition_quality(const FlatGraph& graph, const FlatPartition& partition, double whole);

} // namespace graphrag::entity
