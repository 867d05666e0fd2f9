#pragma once
// The weighted graph that communities are found in: entities as nodes, what chunks say as edges.
// Counted evidence in whole numbers: after retract() of what was add()ed nothing is left.
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace graphrag::entity {

// What one chunk says. The caller gives entity keys (roots of names) and must retract the very same
// value later, also when an entity got another root in between.
struct ChunkContribution {
  std::vector<std::uint64_t> keys; // distinct, in the order of the text
  std::vector<std::pair<std::uint64_t, std::uint64_t>> relations; // subject, object
};

// Not thread-safe. 8 bytes per edge and direction, about 60 bytes per node.
class CommunityGraph {
public:
  using Node = std::uint32_t; // a place that is used again after its entity is gone
  static constexpr Node no_node = 0xffffffff;
  // Weights are multiples of 1/weight_unit. Two names that a chunk mentions get 1/(n-1) of n names
  // there, so that every mention gives its entity a strength of about 1, however full the chunk is.
  static constexpr std::uint32_t weight_unit = 360;
  static constexpr std::uint32_t relation_weight = weight_unit; // on top, per stated relation
  // A chunk with more pairs joins each name only to those nearest in the text.
  static constexpr std::size_t pairs_per_chunk = 512;

  struct Edge {
    Node to = 0;
    std::uint32_t weight = 0; // enough for 4 million chunks that all state the same pair
  };
  // The weight between two nodes went up or down by this much.
  struct Change {
    Node a = 0, b = 0;
    std::int64_t delta = 0;
  };

  // A relation of an entity with itself is no edge; it only says that the entity exists.
  void add(const ChunkContribution& chunk) { apply(chunk, 1); }
  // Of what was added before; anything else breaks an invariant.
  void retract(const ChunkContribution& chunk) { apply(chunk, -1); }

  std::size_t nodes() const noexcept { return live_; }
  std::size_t edges() const noexcept { return half_edges_ / 2; }
  std::uint64_t strength() const noexcept { return strength_; } // of all nodes: 2m
  std::size_t bytes() const noexcept;                           // heap, about

  Node find(std::uint64_t key) const;
  // Places, used or not: every Node is below.
  std::size_t places() const noexcept { return nodes_.size(); }
  bool alive(Node node) const noexcept { return nodes_[node].evidence > 0; }
  std::uint64_t key(Node node) const noexcept { return nodes_[node].key; }
  std::uint64_t strength(Node node) const noexcept { return nodes_[node].strength; }
  // By ascending `to`; valid until the next change.
  std::span<const Edge> neighbours(Node node) const noexcept { return nodes_[node].edges; }
  std::vector<Node> by_key() const; // live nodes in the order of their keys

  // From now on changes are kept (24 bytes per changed pair) until they are taken.
  void record_changes() { recording_ = true; }
  const std::vector<Change>& changes() const noexcept { return changes_; }
  // Nodes that came or lost their last evidence; one can have done both.
  const std::vector<Node>& came_or_went() const noexcept { return came_or_went_; }
  // Forgets the changes; only now the places of nodes without evidence become free.
  void forget_changes();

private:
  struct Row {
    std::uint64_t key = 0, strength = 0;
    std::int64_t evidence = 0; // chunks and relations that name it
    std::vector<Edge> edges;
  };
  void apply(const ChunkContribution& chunk, std::int64_t sign);
  Node count(std::uint64_t key, std::int64_t sign);
  void connect(Node a, Node b, std::int64_t delta);
  void half(Node from, Node to, std::int64_t delta);

  std::vector<Row> nodes_;
  std::unordered_map<std::uint64_t, Node> places_;
  std::vector<Node> free_, came_or_went_, scratch_;
  std::vector<Change> changes_;
  std::uint64_t strength_ = 0;
  std::size_t live_ = 0, half_edges_ = 0;
  bool recording_ = false;
};

} // namespace graphrag::entity
