#pragma once
// Communities of a CommunityGraph in levels, kept up to date as the graph changes. Level 0 is the
// finest; the top level is the partition of best modularity (resolution 1) that Leiden's method
// finds (Traag, Waltman, van Eck, "From Louvain to Leiden", 2019). A level below splits each
// community by the same measure, with the community as the whole. Every community is connected.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "actors/entity/communities/community_graph.hpp"
#include "actors/entity/communities/community_level.hpp"

namespace graphrag::entity {

struct CommunityOptions {
  std::uint32_t levels = 3;            // 1 .. 8
  std::uint32_t split_above = 24;      // entities; a smaller community has one child: itself
  std::uint32_t visits = 4096;         // of nodes per update and level, beyond new ones
  std::uint32_t resettle_below = 4096; // entities; a larger community waits for a rebuild
  double least_quality = 0.95;         // of the last rebuild's modularity
};

struct UpdateStats {
  std::size_t changed = 0;   // nodes to begin with: changed ones and those left from before
  std::size_t visited = 0;   // nodes looked at, each as often as it was
  std::size_t moved = 0;     // changes of a node's community, of all levels
  std::size_t merged = 0;    // communities that joined another
  std::size_t split = 0;     // parts cut off because they had lost their connection
  std::size_t resettled = 0; // communities split anew after many changes in them
  std::size_t pending = 0;   // nodes left for the next update, since the bound was reached
  double modularity = 0, fresh_modularity = 0; // top level: now, after the last rebuild
  bool rebuild_due = false; // quality may have fallen below least_quality of a fresh run's
};

// As seen from outside. Ids are unique over the levels and over time; a community that changes
// keeps its id as long as it is the one with the largest overlap.
struct Community {
  std::uint64_t id = 0;
  std::uint32_t level = 0;
  std::optional<std::uint64_t> parent; // on the next level up
  std::vector<std::uint64_t> children; // on the next level down, ascending
  std::vector<std::uint64_t> members;  // entity keys, ascending
  std::uint64_t inside = 0;   // weight of the edges within, in 1/weight_unit, each edge once
  std::uint64_t strength = 0; // sum of its members' strengths; edges within count twice
};

// Not thread-safe; owns its graph. A copy is independent: a long rebuild can be done on one.
class Communities {
public:
  explicit Communities(CommunityOptions options = {});

  // Change the graph only; the communities follow at the next update() or rebuild().
  void add(const ChunkContribution& chunk) { graph_.add(chunk); }
  void retract(const ChunkContribution& chunk) { graph_.retract(chunk); }
  const CommunityGraph& graph() const noexcept { return graph_; }

  // All anew: depends on the graph only, not on its history. Ids are taken over by overlap.
  void rebuild();
  // Moves nodes near what changed since the last update or rebuild. Bounded by the changes and by
  // the options, not by the size of the graph. The first update of all is a rebuild.
  UpdateStats update();

  std::uint32_t levels() const noexcept { return options_.levels; }
  std::size_t count(std::uint32_t level) const noexcept { return levels_[level].size(); }
  // Ids on a level: by members (many first), then by id. At least `least` entities each.
  std::vector<std::uint64_t> list(std::uint32_t level, std::size_t least = 1) const;
  // The community with this id; its level is searched. Takes time in proportion to its size.
  std::optional<Community> find(std::uint64_t id) const;
  // The id of an entity's community; nothing when the entity is unknown or not yet placed.
  std::optional<std::uint64_t> community_of(std::uint64_t key, std::uint32_t level) const;
  // Communities that changed (members or edges) in the last update or rebuild, or came new: their
  // summaries are out of date. Ascending. Those that are gone are not in it.
  const std::vector<std::uint64_t>& changed() const noexcept { return changed_ids_; }

  bool rebuild_due() const noexcept;
  double modularity() const noexcept; // of the top level, from running sums
  std::size_t bytes() const noexcept; // heap, about

private:
  using Node = CommunityGraph::Node;
  using Slot = CommunityLevel::Slot;
  struct Group {
    std::vector<Node> nodes; // by key
    Slot parent = CommunityLevel::none;
    bool whole = false; // too small to split
  };
  // What an update works through on one level.
  struct Work {
    std::vector<Node> queue;    // to be placed or looked at
    std::vector<Node> suspects; // lost a neighbour of their own community
    std::vector<Slot> touched;  // communities that changed
  };

  // communities.cpp: splitting anew
  double whole_of(std::uint32_t level, Slot parent) const;
  void settle(std::uint32_t level, std::vector<Group> groups);
  std::vector<Group> split(const Group& group, double whole);
  void install(std::uint32_t level, std::vector<Group>& parts);
  void touch(std::uint32_t level, Slot slot);
  void finish();

  // communities_update.cpp: moving nodes and joining communities
  void take_changes(UpdateStats& stats);
  void enqueue(std::uint32_t level, Node node);
  void enqueue_below(std::uint32_t level, Node node);
  void drain(std::uint32_t level, UpdateStats& stats);
  void place(std::uint32_t level, Node node, UpdateStats& stats);
  Slot choose(std::uint32_t level, Node node, bool& alone);
  Slot only_child(std::uint32_t level, Slot parent) const;
  void leave(std::uint32_t level, Node node);
  std::uint64_t weight_into(std::uint32_t level, Node node, Slot slot) const;
  void weigh(std::uint32_t level, Node node);
  void forget_weights();
  void merge_small(std::uint32_t level, UpdateStats& stats);
  void merge(std::uint32_t level, Slot from, Slot into, std::uint64_t weight);
  void resettle_churned(std::uint32_t level, UpdateStats& stats);

  // communities_connect.cpp: keeping communities connected
  void connect_all(std::uint32_t level, UpdateStats& stats);
  void connect(std::uint32_t level, std::span<const Node> suspects, UpdateStats& stats);
  void cut_off(std::uint32_t level, const std::vector<Node>& part, Slot parent);

  CommunityOptions options_;
  CommunityGraph graph_;
  std::vector<CommunityLevel> levels_;
  bool built_ = false;
  std::uint64_t next_id_ = 1;
  double fresh_modularity_ = 0;
  std::size_t fresh_nodes_ = 0;
  bool overgrown_ = false; // a community too large to resettle has changed much
  std::vector<std::uint64_t> changed_ids_;

  std::vector<Work> work_;            // by level
  std::vector<std::uint8_t> queued_;  // by node, a bit per level
  std::vector<std::uint64_t> weight_; // scratch of weigh(): by slot
  std::vector<Slot> seen_;            // the slots that have a weight
  std::vector<std::uint32_t> mark_;   // scratch by node; all `none` between uses
};

// The modularity of any partition of the live nodes, computed from all edges.
double modularity(const CommunityGraph& graph,
                  const std::function<std::uint64_t(std::uint64_t key)>& community_of);

} // namespace graphrag::entity
