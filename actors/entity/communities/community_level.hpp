#pragma once
// The communities of one level: which node is in which, with the sums that modularity needs. Keeps
// the books only; who belongs where is decided in communities.cpp.
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "actors/entity/communities/community_graph.hpp"

namespace graphrag::entity {

class CommunityLevel {
public:
  using Node = CommunityGraph::Node;
  using Slot = std::uint32_t; // a place for a community, used again when it is empty
  static constexpr Slot none = 0xffffffff;

  struct Entry {
    std::uint64_t id = 0;       // 0 = a free slot
    std::uint64_t strength = 0; // of its members
    std::uint64_t inside = 0;   // weight between its members, both directions
    std::vector<Node> members;
    Slot parent = none;      // on the level above
    std::uint64_t churn = 0; // weight that came, went or changed since it was settled
    bool whole = true;       // not split: has one child, with all its members
    bool touched = false;    // changed since somebody last asked
  };

  // Room for nodes below `places`.
  void fit(std::size_t places);
  std::size_t places() const noexcept { return of_.size(); }
  Slot of(Node node) const noexcept { return of_[node]; }
  Entry& operator[](Slot slot) noexcept { return entries_[slot]; }
  const Entry& operator[](Slot slot) const noexcept { return entries_[slot]; }
  std::size_t slots() const noexcept { return entries_.size(); }
  std::size_t size() const noexcept { return slots_.size(); }
  Slot find(std::uint64_t id) const;

  // A new community without members.
  Slot open(std::uint64_t id, Slot parent);
  // `weight` is the weight between the node and the other members.
  void join(Node node, Slot slot, std::uint64_t strength, std::uint64_t weight);
  // A community that loses its last member is gone.
  void leave(Node node, std::uint64_t strength, std::uint64_t weight);
  // All of `from` joins `into`; `weight` is the weight between the two.
  void merge(Slot from, Slot into, std::uint64_t weight);
  // The edges between members, or the strength of a member, changed.
  void change(Slot slot, std::int64_t inside, std::int64_t strength);
  // Its members are in no community then.
  void dissolve(Slot slot);

  // Sums over all communities, for modularity.
  double inside() const noexcept { return static_cast<double>(inside_); }
  double squares() const noexcept { return squares_; } // of the strengths
  std::size_t bytes() const noexcept;

private:
  void close(Slot slot);
  void set(Entry& entry, std::uint64_t inside, std::uint64_t strength);

  std::vector<Entry> entries_;
  std::vector<Slot> of_;
  std::vector<std::uint32_t> position_; // of a node among its community's members
  std::vector<Slot> free_;
  std::unordered_map<std::uint64_t, Slot> slots_; // by id
  std::uint64_t inside_ = 0;
  double squares_ = 0;
};

} // namespace graphrag::entity
