#include <gtest/gtest.h>

#include "communities_support.hpp"

namespace graphrag::entity {
namespace {

// W. W. Zachary, "An Information Flow Model for Conflict and Fission in Small Groups", 1977: who of
// a club met whom outside it.
const std::vector<std::pair<int, int>> club = {
    {1, 2},   {1, 3},   {1, 4},   {1, 5},   {1, 6},   {1, 7},   {1, 8},   {1, 9},   {1, 11},
    {1, 12},  {1, 13},  {1, 14},  {1, 18},  {1, 20},  {1, 22},  {1, 32},  {2, 3},   {2, 4},
    {2, 8},   {2, 14},  {2, 18},  {2, 20},  {2, 22},  {2, 31},  {3, 4},   {3, 8},   {3, 9},
    {3, 10},  {3, 14},  {3, 28},  {3, 29},  {3, 33},  {4, 8},   {4, 13},  {4, 14},  {5, 7},
    {5, 11},  {6, 7},   {6, 11},  {6, 17},  {7, 17},  {9, 31},  {9, 33},  {9, 34},  {10, 34},
    {14, 34}, {15, 33}, {15, 34}, {16, 33}, {16, 34}, {19, 33}, {19, 34}, {20, 34}, {21, 33},
    {21, 34}, {23, 33}, {23, 34}, {24, 26}, {24, 28}, {24, 30}, {24, 33}, {24, 34}, {25, 26},
    {25, 28}, {25, 32}, {26, 32}, {27, 30}, {27, 34}, {28, 34}, {29, 32}, {29, 34}, {30, 33},
    {30, 34}, {31, 33}, {31, 34}, {32, 33}, {32, 34}, {33, 34}};

// How well two partitions agree: 1 = the same, 0 = independent.
double mutual_information(const std::map<std::uint64_t, std::uint64_t>& a,
                          const std::map<std::uint64_t, std::uint64_t>& b) {
  std::map<std::uint64_t, double> of_a, of_b;
  std::map<std::pair<std::uint64_t, std::uint64_t>, double> both;
  const auto n = static_cast<double>(a.size());
  for (const auto& [key, label] : a) {
    of_a[label] += 1 / n;
    of_b[b.at(key)] += 1 / n;
    both[{label, b.at(key)}] += 1 / n;
  }
  double shared = 0, entropy = 0;
  for (const auto& [labels, p] : both)
    shared += p * std::log(p / of_a[labels.first] / of_b[labels.second]);
  for (const auto& side : {of_a, of_b})
    for (const auto& [label, p] : side) entropy -= p * std::log(p) / 2;
  return entropy > 0 ? shared / entropy : 1;
}

TEST(CommunitiesRebuild, finds_the_best_known_partition_of_zacharys_club) {
  ASSERT_EQ(club.size(), 78U);
  Communities all;
  for (const auto& [a, b] : club)
    all.add(pair_of(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
  all.rebuild();
  expect_sound(all);
  EXPECT_GE(all.modularity(), 0.4155);
  EXPECT_LE(all.modularity(), 0.4198) << "no partition has more than 0.41979";
  EXPECT_NE(all.community_of(1, 2), all.community_of(34, 2)) << "the two who fell out";
}

TEST(CommunitiesRebuild, finds_planted_communities) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    std::mt19937_64 random{seed};
    Communities all;
    std::map<std::uint64_t, std::uint64_t> planted;
    for (std::uint64_t a = 1; a <= 600; ++a) {
      planted[a] = a % 12;
      for (std::uint64_t b = a + 1; b <= 600; ++b)
        if (random() % 1000 < (a % 12 == b % 12 ? 200 : 6)) all.add(pair_of(a, b));
    }
    ASSERT_EQ(all.graph().nodes(), 600U);
    all.rebuild();
    expect_sound(all);
    EXPECT_GT(mutual_information(partition(all, 2), planted), 0.97) << "seed " << seed;
  }
}

TEST(CommunitiesRebuild, depends_on_the_graph_and_not_on_its_history) {
  TopicalChunks source{5, 30, 30};
  std::vector<ChunkContribution> chunks;
  for (int i = 0; i < 600; ++i) chunks.push_back(source.next());
  Communities first;
  for (const auto& chunk : chunks) first.add(chunk);
  first.rebuild();
  expect_sound(first);
  std::shuffle(chunks.begin(), chunks.end(), std::mt19937_64{9});
  Communities second;
  for (int i = 0; i < 100; ++i) second.add(source.of_topic(7));
  TopicalChunks again{5, 30, 30};
  for (int i = 0; i < 600; ++i) again.next();
  for (const auto& chunk : chunks) second.add(chunk);
  second.rebuild();
  for (int i = 0; i < 100; ++i) second.retract(again.of_topic(7));
  second.rebuild();
  for (std::uint32_t level = 0; level < 3; ++level)
    EXPECT_EQ(partition(first, level), partition(second, level)) << "level " << level;
}

TEST(CommunitiesRebuild, makes_finer_communities_below_coarse_ones) {
  // Themes of themes: 4 fields of 5 topics.
  TopicalChunks topics{8, 20, 40, 0};
  Communities all;
  for (int i = 0; i < 1600; ++i) {
    const auto topic = topics.below(20);
    all.add(topics.of_topic(topic));
    if (i % 3 == 0) {
      auto mixed = topics.of_topic(topic);
      const auto other = topics.of_topic(topic / 5 * 5 + topics.below(5));
      for (const auto key : other.keys)
        if (std::find(mixed.keys.begin(), mixed.keys.end(), key) == mixed.keys.end())
          mixed.keys.push_back(key);
      all.add(mixed);
    }
  }
  all.rebuild();
  expect_sound(all);
  EXPECT_GT(all.count(1), all.count(2));
  EXPECT_GT(all.count(0), all.count(1));
}

TEST(CommunitiesRebuild, keeps_ids_of_what_stayed_the_same) {
  TopicalChunks source{6, 20, 30, 0.02};
  Communities all;
  for (int i = 0; i < 600; ++i) all.add(source.next());
  all.rebuild();
  std::map<std::uint64_t, std::uint64_t> before;
  for (std::uint64_t key = 1; key <= 600; ++key)
    if (const auto id = all.community_of(key, 2)) before[key] = *id;
  for (int i = 0; i < 20; ++i) all.add(source.of_topic(3));
  all.rebuild();
  std::size_t same = 0;
  for (const auto& [key, id] : before) same += all.community_of(key, 2) == id ? 1 : 0;
  EXPECT_GT(same, before.size() * 9 / 10);
}

TEST(CommunitiesRebuild, empty_graph_and_graph_without_edges) {
  Communities all;
  all.rebuild();
  expect_sound(all);
  EXPECT_EQ(all.count(0), 0U);
  EXPECT_EQ(all.modularity(), 0);
  all.add({{7}, {{9, 9}}});
  all.rebuild();
  expect_sound(all);
  EXPECT_EQ(all.count(2), 2U);
  EXPECT_EQ(all.find(*all.community_of(7, 2))->members, std::vector<std::uint64_t>{7});
  EXPECT_FALSE(all.community_of(8, 2));
  EXPECT_FALSE(all.find(12345));
}

TEST(CommunitiesRebuild, a_hub_with_ten_thousand_neighbours) {
  Communities all;
  for (std::uint64_t key = 2; key <= 10001; ++key) all.add(pair_of(1, key));
  all.rebuild();
  EXPECT_EQ(all.count(2), 1U) << "a star is one community";
  all.add(pair_of(1, 20000));
  all.retract(pair_of(1, 2));
  all.update();
  EXPECT_EQ(all.find(*all.community_of(1, 2))->members.size(), 10001U);
  EXPECT_FALSE(all.community_of(2, 2));
}

} // namespace
} // namespace graphrag::entity
