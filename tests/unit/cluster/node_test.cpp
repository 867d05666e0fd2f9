// Nodes driven by hand under a virtual clock, over a network and rows in memory.
#include <gtest/gtest.h>

#include <ranges>

#include "tests/support/hand_cluster.hpp"

namespace graphrag::cluster {
namespace {

using namespace std::chrono_literals;
using runtime::Errc;
using runtime::Result;

template <class T>
struct Answered {
  runtime::Promise<T> promise() {
    return runtime::Promise<T>{[this](Result<T> result) { ++times, value = std::move(result); }};
  }
  std::string error() const { return std::string{to_string(value.error().code)}; }
  int times = 0;
  Result<T> value = runtime::fail(Errc::io, "nothing yet");
};

class ClusterNodeTest : public testing::Test, protected test::HandCluster {
protected:
  void start_three() {
    for (NodeOrdinal ordinal : {0U, 1U, 2U}) add(ordinal);
    ASSERT_TRUE(comes([&] { return complete(3); }, 120s));
    pass(200ms);
  }
};

TEST_F(ClusterNodeTest, ThreeNodesMeetAndShareTheShards) {
  start_three();
  const auto view = rows.view();
  for (std::uint32_t shard = 0; shard < settings.shards; ++shard)
    EXPECT_EQ(readers(shard), view.shards[shard].serving) << shard;
  for (auto& [ordinal, one] : nodes) {
    EXPECT_EQ(one->node->phase(), Phase::up);
    ASSERT_EQ(one->peers.size(), 2U);
    for (const auto& peer : one->peers) {
      EXPECT_EQ(peer.host, "node-" + std::to_string(peer.ordinal));
      EXPECT_EQ(peer.port, 7000);
      EXPECT_EQ(peer.name, "graphrag-" + std::to_string(peer.ordinal) + ".graphrag");
    }
  }
  EXPECT_TRUE(node(0).is_planner());
  EXPECT_FALSE(node(1).is_planner());
  EXPECT_TRUE(node(1).owner_alive(to_string(node(0).self())));
  EXPECT_FALSE(node(1).owner_alive("0:0000000000000001"));
  EXPECT_FALSE(node(1).owner_alive("me"));
}

TEST_F(ClusterNodeTest, StatusTellsWhoHoldsWhat) {
  start_three();
  pass(1s);
  const auto status = node(1).status();
  EXPECT_EQ(status->phase, Phase::up);
  EXPECT_EQ(status->view_version, rows.view().version);
  EXPECT_TRUE(status->reaches_quorum);
  EXPECT_GT(status->right_left, 0);
  EXPECT_LE(status->database_age, settings.renew + 200);
  ASSERT_EQ(status->members.size(), 3U);
  std::uint32_t served = 0;
  for (const auto& member : status->members) {
    EXPECT_TRUE(member.reached);
    ASSERT_TRUE(member.report);
    served += member.report->served;
    EXPECT_EQ(member.report->bytes, member.report->served * 10);
  }
  EXPECT_EQ(served, settings.shards * settings.replicas);
  for (std::uint32_t shard = 0; shard < settings.shards; ++shard)
    EXPECT_EQ(status->shards[shard].serves, node(1).may_read(shard) != 0);
}

TEST_F(ClusterNodeTest, TheShardsOfANodeThatDiedLoadElsewhere) {
  start_three();
  kill(1);
  EXPECT_EQ(readable(), settings.shards); // the other replicas
  ASSERT_TRUE(comes([&] { return complete(2); }, 60s));
  pass(200ms);
  for (std::uint32_t shard = 0; shard < settings.shards; ++shard)
    EXPECT_EQ(readers(shard), (std::vector<NodeOrdinal>{0, 2}));
  EXPECT_EQ(nodes.at(0)->peers.size(), 1U);
}

TEST_F(ClusterNodeTest, ANodeLeavesAfterItsShardsHaveMoved) {
  start_three();
  Answered<void> left;
  node(2).leave(left.promise());
  while (left.times == 0 && comes([&] { return left.times == 1; }, 50ms) == false) {
    ASSERT_EQ(readable(), settings.shards);
    ASSERT_LT(clock.wall_ms(), 3'600'000 + 120'000);
  }
  EXPECT_TRUE(left.value);
  EXPECT_EQ(node(2).phase(), Phase::left);
  EXPECT_EQ(nodes.at(2)->ends, std::vector{NodeEnd::left});
  EXPECT_EQ(nodes.at(2)->host.drops, nodes.at(2)->host.loads);
  EXPECT_TRUE(nodes.at(2)->peers.empty());
  for (std::uint32_t shard = 0; shard < settings.shards; ++shard)
    EXPECT_EQ(node(2).may_read(shard), 0U);
  EXPECT_TRUE(comes([&] { return complete(2); }));
}

TEST_F(ClusterNodeTest, ANodeThatNeverJoinedLeavesAtOnce) {
  auto& one = add(0);
  one.rows->away = true;
  pass(2s);
  Answered<void> left;
  one.node->leave(left.promise());
  pass(2s);
  EXPECT_EQ(left.times, 1);
  EXPECT_TRUE(left.value);
}

TEST_F(ClusterNodeTest, ATwinWaitsUntilTheFirstIsGone) {
  start_three();
  auto first = std::move(nodes.at(1));
  nodes.erase(1);
  auto& twin = add(1); // takes the first one's place in the network: it is unreachable from here on
  pass(3s);
  EXPECT_EQ(twin.node->phase(), Phase::waiting);
  EXPECT_TRUE(twin.peers.empty());
  EXPECT_EQ(twin.host.loads, 0);
  first.reset();
  EXPECT_TRUE(comes([&] { return twin.node->phase() == Phase::up; }, 60s));
  EXPECT_TRUE(comes([&] { return complete(3); }, 60s));
}

TEST_F(ClusterNodeTest, ANodeThatStoodStillMayNotReadAndIsFenced) {
  start_three();
  nodes.at(2)->stands_still = true;
  const auto before = readable();
  EXPECT_EQ(before, settings.shards);
  pass(std::chrono::milliseconds{settings.lease});
  // It has not run, and its right has ended all the same.
  for (std::uint32_t shard = 0; shard < settings.shards; ++shard)
    EXPECT_EQ(node(2).may_read(shard), 0U);
  ASSERT_TRUE(comes([&] { return complete(2); }, 60s));
  nodes.at(2)->stands_still = false;
  pass(1s);
  EXPECT_EQ(node(2).phase(), Phase::fenced);
  EXPECT_EQ(nodes.at(2)->ends, std::vector{NodeEnd::fenced});
  Answered<void> left;
  node(2).leave(left.promise());
  pass(100ms);
  EXPECT_EQ(left.error(), "conflict");
}

TEST_F(ClusterNodeTest, ARightThatWasLostAndRegainedIsAnotherOne) {
  start_three();
  const auto shard = *std::ranges::find_if(std::views::iota(0U, settings.shards),
                                           [&](auto s) { return node(2).may_read(s) != 0; });
  const auto before = node(2).may_read(shard);
  EXPECT_TRUE(node(2).may_still_read(shard, before));
  pass(5s);
  EXPECT_TRUE(node(2).may_still_read(shard, before)); // renewed without a gap
  nodes.at(2)->stands_still = true;
  ASSERT_TRUE(
      comes([&] { return node(2).may_read(shard) == 0; }, 10s)); // nobody has removed it yet
  nodes.at(2)->stands_still = false;
  ASSERT_TRUE(comes([&] { return node(2).may_read(shard) != 0; }, 5s));
  EXPECT_FALSE(node(2).may_still_read(shard, before));
  EXPECT_FALSE(node(2).may_still_read(shard, 0));
}

TEST_F(ClusterNodeTest, WithoutTheDatabaseReadsGoOnForATime) {
  start_three();
  for (auto& [ordinal, one] : nodes) one->rows->away = true;
  pass(20s);
  EXPECT_TRUE(node(0).lost_database());
  EXPECT_EQ(readable(), settings.shards);
  pass(std::chrono::milliseconds{settings.outage_reads});
  EXPECT_EQ(readable(), 0U);
  for (auto& [ordinal, one] : nodes) one->rows->away = false;
  EXPECT_TRUE(comes([&] { return complete(3) && readable() == settings.shards; }));
  EXPECT_FALSE(node(0).lost_database());
}

TEST_F(ClusterNodeTest, OneThatLostTheDatabaseAloneStopsReading) {
  start_three();
  nodes.at(1)->rows->away = true;
  pass(std::chrono::milliseconds{settings.lease});
  EXPECT_TRUE(node(1).lost_database());
  for (std::uint32_t shard = 0; shard < settings.shards; ++shard)
    EXPECT_EQ(node(1).may_read(shard), 0U);
  EXPECT_EQ(readable(), settings.shards);
}

TEST_F(ClusterNodeTest, ADeleteWaitsForThoseWhoMightShowIt) {
  start_three();
  const std::uint32_t shard = 3;
  const auto serving = rows.view().shards[shard].serving;
  const auto slow = serving[1];
  const auto asker = 3 - serving[0] - serving[1]; // who holds it not
  nodes.at(slow)->host.held_up = true;
  const auto [seq, version] = rows.write();
  Answered<void> done;
  node(asker).await_deleted(seq, version, shard, clock.now() + 20s, done.promise());
  pass(3s);
  EXPECT_EQ(done.times, 0);
  EXPECT_EQ(node(asker).status()->deletes_waiting, 1U);
  nodes.at(slow)->host.held_up = false;
  nodes.at(slow)->node->progressed(shard);
  pass(200ms);
  EXPECT_EQ(done.times, 1);
  EXPECT_TRUE(done.value);
}

TEST_F(ClusterNodeTest, ADeleteDoesNotWaitForADeadReaderForEver) {
  start_three();
  const std::uint32_t shard = 3;
  const auto serving = rows.view().shards[shard].serving;
  const auto asker = 3 - serving[0] - serving[1];
  nodes.at(serving[1])->stands_still = true;
  const auto [seq, version] = rows.write();
  Answered<void> short_one, done;
  node(asker).await_deleted(seq, version, shard, clock.now() + 2s, short_one.promise());
  node(asker).await_deleted(seq, version, shard, clock.now() + 60s, done.promise());
  pass(3s);
  EXPECT_EQ(short_one.error(), "timeout");
  EXPECT_EQ(done.times, 0);
  EXPECT_NE(nodes.at(serving[1])->node->may_read(shard), 0U); // rightly so
  ASSERT_TRUE(comes([&] { return done.times == 1; }, 60s));
  EXPECT_TRUE(done.value);
  EXPECT_EQ(nodes.at(serving[1])->node->may_read(shard), 0U);
}

TEST_F(ClusterNodeTest, SomebodyWhoHasAppliedANumberIsFound) {
  start_three();
  const std::uint32_t shard = 5;
  const auto serving = rows.view().shards[shard].serving;
  const auto asker = 3 - serving[0] - serving[1];
  for (auto ordinal : serving) nodes.at(ordinal)->host.held_up = true;
  const auto seq = rows.write().first;
  Answered<NodeId> where, here, late;
  node(asker).await_applied(seq, shard, clock.now() + 20s, where.promise());
  node(serving[0]).await_applied(seq, shard, clock.now() + 20s, here.promise());
  node(asker).await_applied(seq + 9, shard, clock.now() + 1s, late.promise());
  pass(2s);
  EXPECT_EQ(where.times, 0);
  EXPECT_EQ(late.error(), "timeout");
  nodes.at(serving[0])->host.held_up = false;
  pass(300ms);
  ASSERT_TRUE(where.value);
  EXPECT_EQ(*where.value, node(serving[0]).self());
  ASSERT_TRUE(here.value);
  EXPECT_EQ(*here.value, node(serving[0]).self());
}

TEST_F(ClusterNodeTest, MembersAskEachOther) {
  start_three();
  Answered<std::string> other, self, nobody, unknown;
  const auto until = clock.now() + 1s;
  node(0).request(node(1).self(), "echo", "hello", until, other.promise());
  node(0).request(node(0).self(), "echo", "me", until, self.promise());
  node(0).request({1, 7}, "echo", "", until, nobody.promise());
  node(0).request(node(1).self(), "nothing", "", until, unknown.promise());
  pass(100ms);
  EXPECT_EQ(other.value.value(), to_string(node(0).self()) + " hello");
  EXPECT_EQ(self.value.value(), to_string(node(0).self()) + " me");
  EXPECT_EQ(nobody.error(), "not_found");
  EXPECT_EQ(unknown.error(), "invalid_argument");
}

TEST_F(ClusterNodeTest, LargeBodiesCrossBothWays) {
  start_three();
  Answered<std::string> there, back, too_large, grown_too_large;
  const auto until = clock.now() + 20s;
  node(0).request(node(1).self(), "size", std::string(max_peer_body_bytes, 'a'), until,
                  there.promise());
  node(0).request(node(1).self(), "grow", std::to_string(max_peer_body_bytes), until,
                  back.promise());
  node(0).request(node(1).self(), "size", std::string(max_peer_body_bytes + 1, 'a'), until,
                  too_large.promise());
  node(0).request(node(1).self(), "grow", std::to_string(max_peer_body_bytes + 1), until,
                  grown_too_large.promise());
  ASSERT_TRUE(comes([&] { return there.times + back.times == 2; }));
  EXPECT_EQ(there.value.value(), std::to_string(max_peer_body_bytes));
  EXPECT_EQ(back.value.value(), std::string(max_peer_body_bytes, 'x'));
  EXPECT_EQ(too_large.error(), "invalid_argument");
  EXPECT_EQ(grown_too_large.error(), "invalid_argument");
}

TEST_F(ClusterNodeTest, ANodeThatWasRemovedIsNotHeard) {
  start_three();
  auto& old = *nodes.at(2);
  old.stands_still = true; // and its transport still speaks
  ASSERT_TRUE(comes([&] { return complete(2); }, 60s));
  Answered<std::string> asked;
  old.node->request(node(0).self(), "echo", "still here", clock.now() + 1s, asked.promise());
  for (int i = 0; i < 10; ++i) network.tick();
  EXPECT_EQ(asked.error(), "lost");
  old.rows->away = true; // it hears it from the answer, not from the database
  old.stands_still = false;
  pass(100ms);
  EXPECT_EQ(old.ends, std::vector{NodeEnd::fenced});
}

TEST_F(ClusterNodeTest, ALoadThatFailsIsAskedForAgain) {
  auto& one = add(0);
  one.host.fails = 3;
  EXPECT_TRUE(comes([&] { return complete(1); }, 60s));
  EXPECT_EQ(one.host.loads, static_cast<int>(settings.shards) + 3);
}

TEST_F(ClusterNodeTest, AReplicaThatItsHostLostIsNotReadAndComesAgain) {
  start_three();
  const auto ordinal = rows.view().shards[2].serving[0];
  auto& holder = *nodes.at(ordinal);
  const auto before = holder.node->may_read(2);
  holder.host.slow = true;
  holder.host.lose(2);
  pass(100ms);
  EXPECT_EQ(holder.node->may_read(2), 0U);
  EXPECT_EQ(holder.node->status()->shards[2].state.kind, ShardState::Kind::loading);
  holder.host.slow = false;
  holder.host.load(2, holder.host.state(2).attempt);
  pass(200ms);
  EXPECT_NE(holder.node->may_read(2), 0U);
  EXPECT_FALSE(holder.node->may_still_read(2, before));
}

TEST_F(ClusterNodeTest, WhatIsPendingIsCanceledWhenTheNodeStops) {
  start_three();
  Answered<void> deleted, left, after;
  Answered<NodeId> applied;
  Answered<std::string> asked;
  const auto until = clock.now() + 10s;
  nodes.at(1)->stands_still = true;
  node(0).await_deleted(rows.seq() + 1, rows.view().version, 1, until, deleted.promise());
  node(0).await_applied(rows.seq() + 1, 1, until, applied.promise());
  node(0).request(node(1).self(), "$shard", "", until, asked.promise());
  pass(100ms);
  node(0).leave(left.promise());
  node(0).stop();
  node(0).await_deleted(1, 1, 1, until, after.promise());
  for (const auto& error : {deleted.error(), applied.error(), left.error(), after.error()})
    EXPECT_EQ(error, "canceled");
  EXPECT_EQ(node(0).may_read(1), 0U);
}

} // namespace
} // namespace graphrag::cluster
