#include "actors/entity/communities/community_graph.hpp"

#include <gtest/gtest.h>

#include "communities_support.hpp"

namespace graphrag::entity {
namespace {

std::uint32_t weight(const CommunityGraph& graph, std::uint64_t a, std::uint64_t b) {
  for (const auto& edge : graph.neighbours(graph.find(a)))
    if (graph.key(edge.to) == b) return edge.weight;
  return 0;
}

TEST(CommunityGraph, a_mention_counts_the_same_in_a_full_and_in_a_short_chunk) {
  CommunityGraph graph;
  graph.add({{1, 2}, {}});
  graph.add({{11, 12, 13, 14, 15}, {}});
  EXPECT_EQ(weight(graph, 1, 2), CommunityGraph::weight_unit);
  EXPECT_EQ(weight(graph, 11, 15), CommunityGraph::weight_unit / 4);
  EXPECT_EQ(graph.strength(graph.find(2)), graph.strength(graph.find(13)));
  EXPECT_EQ(graph.nodes(), 7U);
  EXPECT_EQ(graph.edges(), 11U);
}

TEST(CommunityGraph, a_relation_weighs_more_than_a_common_mention) {
  CommunityGraph graph;
  graph.add({{1, 2, 3}, {{1, 2}}});
  EXPECT_GT(weight(graph, 1, 2), 2 * weight(graph, 1, 3));
  EXPECT_EQ(weight(graph, 2, 1), weight(graph, 1, 2));
}

TEST(CommunityGraph, a_crowded_chunk_joins_only_neighbours_in_the_text) {
  CommunityGraph graph;
  ChunkContribution chunk;
  for (std::uint64_t key = 1; key <= 400; ++key) chunk.keys.push_back(key);
  graph.add(chunk);
  EXPECT_LE(graph.edges(), CommunityGraph::pairs_per_chunk);
  EXPECT_GT(weight(graph, 7, 8), 0U);
  EXPECT_EQ(weight(graph, 7, 300), 0U);
  graph.retract(chunk);
  EXPECT_EQ(graph.nodes(), 0U);
}

TEST(CommunityGraph, what_relates_to_itself_exists_without_an_edge) {
  CommunityGraph graph;
  const ChunkContribution chunk{{}, {{5, 5}}};
  graph.add(chunk);
  EXPECT_EQ(graph.nodes(), 1U);
  EXPECT_EQ(graph.edges(), 0U);
  graph.retract(chunk);
  EXPECT_EQ(graph.nodes(), 0U);
}

TEST(CommunityGraph, nothing_is_left_after_all_is_retracted_in_any_order) {
  for (const bool recorded : {false, true}) {
    CommunityGraph graph;
    if (recorded) graph.record_changes();
    TopicalChunks source{3, 10, 40};
    std::vector<ChunkContribution> chunks;
    for (int i = 0; i < 300; ++i) {
      chunks.push_back(source.next());
      graph.add(chunks.back());
    }
    EXPECT_GT(graph.edges(), 1000U);
    std::shuffle(chunks.begin(), chunks.end(), std::mt19937_64{1});
    for (const auto& chunk : chunks) graph.retract(chunk);
    EXPECT_EQ(graph.nodes(), 0U);
    EXPECT_EQ(graph.edges(), 0U);
    EXPECT_EQ(graph.strength(), 0U);
    EXPECT_EQ(graph.find(chunks[0].keys[0]), CommunityGraph::no_node);
    graph.forget_changes();
    graph.add(chunks[0]);
    EXPECT_EQ(graph.nodes(), chunks[0].keys.size());
    EXPECT_LE(graph.places(), 400U) << "places are used again";
  }
}

TEST(CommunityGraph, a_node_keeps_its_place_until_changes_are_forgotten) {
  CommunityGraph graph;
  graph.record_changes();
  graph.add(pair_of(1, 2));
  const auto place = graph.find(1);
  graph.retract(pair_of(1, 2));
  graph.add(pair_of(8, 9));
  graph.add(pair_of(1, 2));
  EXPECT_EQ(graph.find(1), place);
  EXPECT_EQ(graph.changes().size(), 4U);
  graph.forget_changes();
  EXPECT_TRUE(graph.changes().empty());
  EXPECT_EQ(graph.find(1), place) << "came back, so it stays";
}

TEST(CommunityGraphDeathTest, retracting_what_was_not_added_is_a_broken_invariant) {
  CommunityGraph graph;
  graph.add(pair_of(1, 2));
  EXPECT_DEATH(graph.retract(pair_of(1, 3)), "invariant");
}

} // namespace
} // namespace graphrag::entity
