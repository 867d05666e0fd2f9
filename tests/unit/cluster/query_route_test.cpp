#include <gtest/gtest.h>

#include "cluster/query_route.hpp"

namespace graphrag::cluster {
namespace {

NodeId node(NodeOrdinal ordinal) { return {ordinal, 10 + ordinal}; }
const std::vector<std::uint32_t> four{0, 1, 2, 3};

ClusterView view_of(std::vector<std::vector<NodeOrdinal>> serving) {
  ClusterView view;
  view.version = 1;
  for (NodeOrdinal i = 0; i < 4; ++i)
    view.members.push_back({node(i), MemberState::up, "", 1000, 0});
  for (auto& nodes : serving) view.shards.push_back({std::move(nodes), {}, {}});
  return view;
}

TEST(QueryRoute, OneMessagePerNodeAndAsFewNodesAsWillDo) {
  QueryRoute route(node(0), 7, four, 1000, 10);
  const auto sends = route.next(0, view_of({{1, 2}, {1, 3}, {1}, {2, 3}}));
  ASSERT_EQ(sends.size(), 2U);
  EXPECT_EQ(sends[0].to, node(1));
  EXPECT_EQ(sends[0].shards, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(sends[1].shards, std::vector<std::uint32_t>{3});
  EXPECT_TRUE(route.next(1, view_of({})).empty());
}

TEST(QueryRoute, PrefersItselfAndSpreadsTheRest) {
  const auto view = view_of({{0, 1}, {0, 1}, {0, 2}, {0, 3}});
  EXPECT_EQ(QueryRoute(node(0), 7, four, 1000, 10).next(0, view)[0].to, node(0));
  std::size_t first = 0;
  const auto even = view_of({{1, 2}, {1, 2}, {1, 2}, {1, 2}});
  for (std::uint64_t id = 0; id < 100; ++id)
    first += QueryRoute(node(0), id, four, 1000, 10).next(0, even)[0].to == node(1);
  EXPECT_GT(first, 10U);
  EXPECT_LT(first, 90U);
}

TEST(QueryRoute, ALateReplicaIsAskedElsewhereAndTheFirstAnswerCounts) {
  const auto view = view_of({{1, 2}});
  const std::uint32_t shards[] = {0};
  QueryRoute route(node(0), 7, shards, 1000, 40);
  EXPECT_EQ(route.late_after(), 120);
  EXPECT_EQ(QueryRoute(node(0), 7, shards, 1000, 5).late_after(), 50);
  const auto first = route.next(0, view);
  EXPECT_TRUE(route.next(119, view).empty());
  EXPECT_EQ(route.wake(), 120);
  const auto second = route.next(120, view);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_NE(second[0].to, first[0].to);
  EXPECT_EQ(route.on_answer(130, first[0].to, first[0].number, shards), std::vector<bool>{true});
  EXPECT_TRUE(route.done(130));
  EXPECT_EQ(route.on_answer(131, second[0].to, second[0].number, shards), std::vector<bool>{false});
}

TEST(QueryRoute, WhoMayStillAnswerIsNotAskedTwice) {
  const auto view = view_of({{1, 2}});
  const std::uint32_t shards[] = {0};
  QueryRoute route(node(0), 7, shards, 5000, 10);
  std::size_t sent = 0;
  for (Millis now = 0; now < 5000; ++now) sent += route.next(now, view).size();
  EXPECT_EQ(sent, 2U);
  EXPECT_EQ(route.under_way(), 2U);
}

TEST(QueryRoute, ARefusalGoesElsewhereAtOnceAndAFullRoundPauses) {
  const auto view = view_of({{1, 2}});
  const std::uint32_t shards[] = {0};
  QueryRoute route(node(0), 7, shards, 1000, 10);
  for (int round = 0; round < 3; ++round) {
    const Millis now = round * 50;
    const auto first = route.next(now, view);
    ASSERT_EQ(first.size(), 1U) << round;
    route.on_answer(now, first[0].to, first[0].number, {});
    const auto second = route.next(now, view);
    ASSERT_EQ(second.size(), 1U) << round;
    EXPECT_NE(second[0].to, first[0].to);
    route.on_answer(now, second[0].to, second[0].number, {});
    EXPECT_TRUE(route.next(now, view).empty());
    EXPECT_EQ(route.wake(), now + 50);
  }
}

TEST(QueryRoute, ALostNodesShardsGoElsewhere) {
  const auto view = view_of({{1, 2}, {1, 2}, {1}, {1}});
  QueryRoute route(node(0), 7, four, 1000, 10);
  ASSERT_EQ(route.next(0, view)[0].to, node(1));
  route.on_lost(5, node(1));
  const auto again = route.next(5, view);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].to, node(2));
  EXPECT_EQ(again[0].shards, (std::vector<std::uint32_t>{0, 1}));
}

TEST(QueryRoute, AShardThatMovedIsAskedWhereItIsNow) {
  const std::uint32_t shards[] = {0};
  QueryRoute route(node(0), 7, shards, 1000, 10);
  const auto old = route.next(0, view_of({{1}}));
  route.on_answer(10, node(1), old[0].number, {});
  const auto moved = route.next(10, view_of({{3}}));
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].to, node(3));
}

TEST(QueryRoute, EndsAtItsDeadlineAndSaysWhatIsMissing) {
  const auto view = view_of({{1}, {2}, {1}, {}});
  QueryRoute route(node(0), 7, four, 300, 10);
  const auto sends = route.next(0, view);
  const std::uint32_t answered[] = {0, 2};
  route.on_answer(20, node(1), sends[0].to == node(1) ? sends[0].number : sends[1].number,
                  answered);
  for (Millis now = 20; now < 300; now += 10) {
    EXPECT_FALSE(route.done(now));
    (void)route.next(now, view);
  }
  EXPECT_TRUE(route.done(300));
  EXPECT_TRUE(route.next(300, view).empty());
  EXPECT_EQ(route.missing_shards(), (std::vector<std::uint32_t>{1, 3}));
}

TEST(QueryRoute, WhoWasNotAskedCannotAnswer) {
  const auto view = view_of({{1}});
  const std::uint32_t shards[] = {0};
  QueryRoute route(node(0), 7, shards, 1000, 10);
  const auto sends = route.next(0, view);
  EXPECT_EQ(route.on_answer(1, node(2), sends[0].number, shards), std::vector<bool>{false});
  EXPECT_EQ(route.on_answer(1, {1, 999}, sends[0].number, shards), std::vector<bool>{false});
  const std::uint32_t other[] = {3};
  EXPECT_EQ(route.on_answer(1, node(1), sends[0].number, other), std::vector<bool>{false});
  EXPECT_EQ(route.missing(), 1U);
}

} // namespace
} // namespace graphrag::cluster
