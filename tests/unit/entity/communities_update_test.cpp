#include <gtest/gtest.h>

#include "communities_support.hpp"

namespace graphrag::entity {
namespace {

double fresh_modularity(const std::vector<ChunkContribution>& chunks) {
  Communities fresh;
  for (const auto& chunk : chunks) fresh.add(chunk);
  fresh.rebuild();
  return fresh.modularity();
}

TEST(CommunitiesUpdate, stays_close_to_a_fresh_run_over_many_inserts_and_deletes) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    TopicalChunks source{seed, 25, 40, 0.15};
    Communities all;
    std::vector<ChunkContribution> chunks;
    for (int i = 0; i < 400; ++i) chunks.push_back(source.next());
    for (const auto& chunk : chunks) all.add(chunk);
    all.rebuild();
    for (int step = 1; step <= 600; ++step) {
      if (source.below(2) == 0) {
        chunks.push_back(source.next());
        all.add(chunks.back());
      } else {
        std::swap(chunks[source.below(chunks.size())], chunks.back());
        all.retract(chunks.back());
        chunks.pop_back();
      }
      const auto stats = all.update();
      ASSERT_FALSE(stats.rebuild_due) << "seed " << seed << " step " << step;
      if (step % 100 != 0) continue;
      expect_sound(all);
      EXPECT_GE(all.modularity(), 0.95 * fresh_modularity(chunks))
          << "seed " << seed << " step " << step;
    }
  }
}

TEST(CommunitiesUpdate, follows_a_collection_whose_themes_are_replaced) {
  TopicalChunks source{11, 40, 30, 0.05};
  Communities all;
  std::vector<ChunkContribution> chunks;
  for (int i = 0; i < 400; ++i) {
    chunks.push_back(source.of_topic(source.below(20)));
    all.add(chunks.back());
  }
  all.rebuild();
  for (std::size_t i = 0; i < 400; ++i) { // one theme's document goes, a new theme's one comes
    all.retract(chunks[i]);
    chunks[i] = source.of_topic(20 + source.below(20));
    all.add(chunks[i]);
    if (all.update().rebuild_due) all.rebuild();
  }
  expect_sound(all);
  EXPECT_GE(all.modularity(), 0.95 * fresh_modularity(chunks));
}

TEST(CommunitiesUpdate, grows_from_nothing_document_by_document) {
  TopicalChunks source{12, 20, 30, 0.1};
  Communities all;
  std::vector<ChunkContribution> chunks;
  std::size_t rebuilds = 0;
  for (int i = 0; i < 600; ++i) {
    chunks.push_back(source.next());
    all.add(chunks.back());
    if (!all.update().rebuild_due) continue;
    all.rebuild();
    ++rebuilds;
  }
  expect_sound(all);
  EXPECT_LE(rebuilds, 12U) << "as often as the graph doubled, and a few times more";
  EXPECT_GE(all.modularity(), 0.95 * fresh_modularity(chunks));
}

TEST(CommunitiesUpdate, one_document_visits_a_small_share_of_a_large_graph) {
  TopicalChunks source{13, 1000, 60, 0.1};
  Communities all;
  std::vector<ChunkContribution> chunks;
  for (int i = 0; i < 60000; ++i) {
    chunks.push_back(source.next());
    all.add(chunks.back());
  }
  all.rebuild();
  const auto nodes = all.graph().nodes();
  ASSERT_GT(nodes, 50000U);
  std::vector<std::size_t> visited;
  for (int i = 0; i < 200; ++i) {
    if (i % 2 == 0) {
      for (int chunk = 0; chunk < 3; ++chunk) all.add(source.next());
    } else {
      for (int chunk = 0; chunk < 3; ++chunk) {
        all.retract(chunks.back());
        chunks.pop_back();
      }
    }
    const auto stats = all.update();
    EXPECT_GT(stats.changed, 0U);
    visited.push_back(stats.visited);
  }
  std::sort(visited.begin(), visited.end());
  EXPECT_LT(visited[100], nodes / 50) << "in the middle";
  EXPECT_LT(visited[197], nodes / 5) << "at worst, nearly";
}

TEST(CommunitiesUpdate, nothing_changed_nothing_visited) {
  TopicalChunks source{14, 10, 30};
  Communities all;
  for (int i = 0; i < 200; ++i) all.add(source.next());
  all.rebuild();
  EXPECT_FALSE(all.changed().empty());
  const auto stats = all.update();
  EXPECT_EQ(stats.visited, 0U);
  EXPECT_EQ(stats.moved, 0U);
  EXPECT_TRUE(all.changed().empty());
}

TEST(CommunitiesUpdate, names_the_communities_that_changed_and_no_others) {
  TopicalChunks source{15, 20, 30, 0};
  Communities all;
  for (int i = 0; i < 800; ++i) all.add(source.next());
  all.rebuild();
  const auto chunk = source.of_topic(4);
  all.add(chunk);
  all.update();
  const auto& changed = all.changed();
  const auto touched = all.community_of(chunk.keys[0], 2).value();
  EXPECT_TRUE(std::binary_search(changed.begin(), changed.end(), touched));
  EXPECT_LT(changed.size(), all.count(0) / 2);
  for (const auto id : changed) EXPECT_TRUE(all.find(id));
}

TEST(CommunitiesUpdate, everything_retracted_leaves_nothing) {
  TopicalChunks source{16, 10, 30};
  Communities all;
  std::vector<ChunkContribution> chunks;
  for (int i = 0; i < 200; ++i) {
    chunks.push_back(source.next());
    all.add(chunks.back());
    all.update();
  }
  while (!chunks.empty()) {
    all.retract(chunks.back());
    chunks.pop_back();
    all.update();
    if (chunks.size() % 50 == 0) expect_sound(all);
  }
  EXPECT_EQ(all.graph().nodes(), 0U);
  for (std::uint32_t level = 0; level < all.levels(); ++level) EXPECT_EQ(all.count(level), 0U);
  EXPECT_EQ(all.modularity(), 0);
}

TEST(CommunitiesUpdate, a_community_that_loses_its_bridge_falls_apart) {
  Communities all;
  for (std::uint64_t key = 1; key < 9; ++key) all.add(pair_of(key, key + 1)); // a chain
  for (std::uint64_t far = 100; far < 200; far += 2) all.add(pair_of(far, far + 1));
  all.rebuild();
  ASSERT_EQ(all.community_of(1, 2), all.community_of(9, 2));
  all.retract(pair_of(5, 6));
  const auto stats = all.update();
  EXPECT_GE(stats.split, 1U);
  EXPECT_NE(all.community_of(1, 2), all.community_of(9, 2));
  expect_sound(all);
}

TEST(CommunitiesUpdate, communities_join_where_no_single_node_would_move) {
  Communities all;
  for (int i = 0; i < 10; ++i)
    for (const std::uint64_t first : {1, 4})
      for (const auto& pair :
           {pair_of(first, first + 1), pair_of(first + 1, first + 2), pair_of(first, first + 2)})
        all.add(pair);
  for (std::uint64_t far = 100; far < 4100; far += 2) all.add(pair_of(far, far + 1));
  all.rebuild();
  ASSERT_NE(all.community_of(1, 2), all.community_of(4, 2));
  for (int i = 0; i < 4; ++i)
    for (std::uint64_t key = 1; key <= 3; ++key) all.add(pair_of(key, key + 3));
  EXPECT_EQ(all.update().merged, 1U);
  EXPECT_EQ(all.community_of(1, 2), all.community_of(4, 2));
  expect_sound(all);
}

TEST(CommunitiesUpdate, a_change_before_the_first_update_builds_all) {
  Communities all;
  all.add({{1, 2, 3}, {}});
  EXPECT_FALSE(all.community_of(1, 0));
  all.update();
  expect_sound(all);
  EXPECT_EQ(all.count(2), 1U);
}

TEST(CommunitiesUpdate, a_bound_of_visits_leaves_the_rest_for_later) {
  TopicalChunks source{17, 30, 40, 0.2};
  CommunityOptions options;
  options.visits = 10;
  Communities all{options};
  for (int i = 0; i < 800; ++i) all.add(source.next());
  all.rebuild();
  for (int i = 0; i < 40; ++i) all.add(source.next());
  auto stats = all.update();
  EXPECT_GT(stats.pending, 0U);
  expect_sound(all);
  int rounds = 0;
  while (stats.pending > 0 && ++rounds < 1000) stats = all.update();
  EXPECT_EQ(stats.pending, 0U);
  expect_sound(all);
}

TEST(CommunitiesUpdate, is_sound_after_every_update_whatever_the_options) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    TopicalChunks source{seed, 6, 14, 0.2};
    CommunityOptions options;
    options.levels = 1 + static_cast<std::uint32_t>(source.below(5));
    options.split_above = 1 + static_cast<std::uint32_t>(source.below(12));
    options.visits = 3 + static_cast<std::uint32_t>(source.below(40));
    options.resettle_below = static_cast<std::uint32_t>(source.below(80));
    Communities all{options};
    std::vector<ChunkContribution> chunks;
    for (int step = 0; step < 120; ++step) {
      for (auto changes = source.below(4); changes-- > 0;)
        if (chunks.empty() || source.below(20) < (step < 60 ? 13U : 7U)) {
          chunks.push_back(source.next());
          all.add(chunks.back());
        } else {
          std::swap(chunks[source.below(chunks.size())], chunks.back());
          all.retract(chunks.back());
          chunks.pop_back();
        }
      if (source.below(30) == 0)
        all.rebuild();
      else
        all.update();
      expect_sound(all);
      ASSERT_FALSE(HasFailure()) << "seed " << seed << " step " << step;
    }
  }
}

TEST(CommunitiesUpdate, a_rebuild_is_due_when_quality_is_lost) {
  TopicalChunks source{18, 10, 30, 0};
  Communities all;
  for (int i = 0; i < 200; ++i) all.add(source.next());
  all.rebuild();
  EXPECT_FALSE(all.rebuild_due());
  TopicalChunks noise{19, 1, 300, 0}; // chunks without any theme
  bool due = false;
  for (int i = 0; i < 400 && !due; ++i) {
    all.add(noise.next());
    due = all.update().rebuild_due;
  }
  EXPECT_TRUE(due);
  all.rebuild();
  EXPECT_FALSE(all.rebuild_due());
  expect_sound(all);
}

} // namespace
} // namespace graphrag::entity
