#pragma once
// Made-up graphs for the tests of communities, and what must hold of any communities.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "actors/entity/communities/communities.hpp"

namespace graphrag::entity {

// An edge of weight 1, as a chunk with two names.
inline ChunkContribution pair_of(std::uint64_t a, std::uint64_t b) { return {{a, b}, {}}; }

// Chunks of a collection with `topics` themes: names of one theme, now and then one of another.
class TopicalChunks {
public:
  TopicalChunks(std::uint64_t seed, std::uint64_t topics, std::uint64_t names_per_topic,
                double stray = 0.1)
      : random_{seed}, topics_{topics}, names_{names_per_topic}, stray_{stray} {}

  ChunkContribution next() { return of_topic(below(topics_)); }
  ChunkContribution of_topic(std::uint64_t topic) {
    ChunkContribution chunk;
    const auto wanted = 3 + below(6);
    while (chunk.keys.size() < wanted) {
      const bool strays = static_cast<double>(below(1000)) < stray_ * 1000;
      const auto key = (strays ? below(topics_) : topic) * names_ + below(names_) + 1;
      if (std::find(chunk.keys.begin(), chunk.keys.end(), key) == chunk.keys.end())
        chunk.keys.push_back(key);
    }
    if (below(2) == 0) chunk.relations.emplace_back(chunk.keys[0], chunk.keys[1]);
    return chunk;
  }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

private:
  std::mt19937_64 random_;
  std::uint64_t topics_, names_;
  double stray_;
};

inline std::vector<std::uint64_t> keys_of(const CommunityGraph& graph) {
  std::vector<std::uint64_t> keys;
  for (const auto node : graph.by_key()) keys.push_back(graph.key(node));
  return keys;
}

inline bool is_connected(const CommunityGraph& graph, const std::vector<std::uint64_t>& members) {
  std::set<CommunityGraph::Node> left;
  for (const auto key : members) left.insert(graph.find(key));
  std::vector<CommunityGraph::Node> stack{*left.begin()};
  left.erase(left.begin());
  while (!stack.empty()) {
    const auto node = stack.back();
    stack.pop_back();
    for (const auto& edge : graph.neighbours(node))
      if (left.erase(edge.to) > 0) stack.push_back(edge.to);
  }
  return left.empty();
}

// Everything that holds after any rebuild or update, recomputed the slow way.
inline void expect_sound(const Communities& all) {
  const auto& graph = all.graph();
  const auto keys = keys_of(graph);
  for (std::uint32_t level = 0; level < all.levels(); ++level) {
    std::size_t placed = 0;
    ASSERT_EQ(all.list(level).size(), all.count(level));
    for (const auto id : all.list(level)) {
      const auto found = all.find(id);
      ASSERT_TRUE(found);
      EXPECT_EQ(found->level, level);
      placed += found->members.size();
      std::uint64_t strength = 0;
      std::uint64_t inside = 0;
      const std::set<std::uint64_t> members(found->members.begin(), found->members.end());
      ASSERT_EQ(members.size(), found->members.size());
      for (const auto key : members) {
        const auto node = graph.find(key);
        ASSERT_NE(node, CommunityGraph::no_node);
        ASSERT_EQ(all.community_of(key, level), id);
        strength += graph.strength(node);
        for (const auto& edge : graph.neighbours(node))
          if (members.contains(graph.key(edge.to))) inside += edge.weight;
      }
      EXPECT_EQ(found->strength, strength);
      EXPECT_EQ(found->inside * 2, inside);
      EXPECT_TRUE(is_connected(graph, found->members)) << "level " << level;
      EXPECT_EQ(found->parent.has_value(), level + 1 < all.levels());
      if (found->parent) {
        const auto parent = all.find(*found->parent);
        ASSERT_TRUE(parent);
        EXPECT_TRUE(std::includes(parent->members.begin(), parent->members.end(),
                                  found->members.begin(), found->members.end()));
        EXPECT_TRUE(std::binary_search(parent->children.begin(), parent->children.end(), id));
      }
    }
    EXPECT_EQ(placed, keys.size());
  }
  const auto top = all.levels() - 1;
  const double exact =
      modularity(graph, [&](std::uint64_t key) { return all.community_of(key, top).value(); });
  EXPECT_NEAR(all.modularity(), exact, 1e-9);
}

// The partition of a level, without ids: each key with the least key of its community.
inline std::map<std::uint64_t, std::uint64_t> partition(const Communities& all,
                                                        std::uint32_t level) {
  std::map<std::uint64_t, std::uint64_t> result;
  for (const auto id : all.list(level)) {
    const auto found = all.find(id);
    for (const auto key : found->members) result[key] = found->members.front();
  }
  return result;
}

} // namespace graphrag::entity
