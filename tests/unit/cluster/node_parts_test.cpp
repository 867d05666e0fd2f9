// The small parts of the driver.
#include <gtest/gtest.h>

#include "cluster/node/node_board.hpp"
#include "cluster/node/node_wire.hpp"
#include "cluster/node/peer_names.hpp"
#include "cluster/node/shard_sizes.hpp"
#include "cluster/replica_loader.hpp"

namespace graphrag::cluster {
namespace {

using namespace std::chrono_literals;

TEST(NodeBoardTest, TheClockIsLookedAtInEveryCall) {
  runtime::ManualClock clock;
  NodeBoard board{2, clock};
  EXPECT_EQ(board.may_read(0), 0U);
  board.set_token(0, 7);
  EXPECT_EQ(board.may_read(0), 0U);
  board.set_until(board.now() + 10);
  EXPECT_EQ(board.may_read(0), 7U);
  EXPECT_EQ(board.may_read(1), 0U);
  EXPECT_EQ(board.may_read(2), 0U); // there is none
  clock.advance(10ms);
  EXPECT_EQ(board.may_read(0), 7U);
  clock.advance(1ms);
  EXPECT_EQ(board.may_read(0), 0U);
  board.set_until(board.now() + 10);
  EXPECT_EQ(board.may_read(0), 7U);
  board.end();
  board.set_until(board.now() + 10);
  EXPECT_EQ(board.may_read(0), 0U);
}

TEST(PeerNamesTest, AnAddressIsHostAndPort) {
  EXPECT_EQ(parse_address("a.b:70").value(), (PeerAddress{0, "a.b", 70, ""}));
  EXPECT_EQ(parse_address("[::1]:70").value(), (PeerAddress{0, "::1", 70, ""}));
  for (const auto* bad : {"", "a", "a:", ":7", "a:0", "a:70000", "a:7x", "::1:70", "a:-1"})
    EXPECT_FALSE(parse_address(bad)) << bad;
}

TEST(PeerNamesTest, ANameIsBoundToTheOrdinal) {
  EXPECT_EQ(name_of("graphrag-{}.x", 12), "graphrag-12.x");
  EXPECT_EQ(name_of("{}.{}", 3), "3.3");
  EXPECT_EQ(name_of("all", 3), "all");
  ClusterView view;
  for (NodeOrdinal ordinal : {1U, 2U, 3U}) {
    Member member;
    member.id = {ordinal, ordinal + 10};
    member.address = ordinal == 3 ? "nonsense" : "h:" + std::to_string(ordinal);
    view.members.push_back(member);
  }
  EXPECT_EQ(peers_of(view, {1, 11}, "n{}"), (std::vector<PeerAddress>{{2, "h", 2, "n2"}}));
  EXPECT_EQ(peers_of(view, {1, 99}, "n{}").size(), 2U); // another life of ours is a peer
}

TEST(ShardSizesTest, WhatIsSaidCountsAndTheRestIsGuessed) {
  ShardSizes sizes{3};
  sizes.heard(1, 100);
  sizes.heard(2, 0);
  sizes.heard(3, 5);
  const auto bytes = sizes.bytes([](std::uint32_t shard) { return shard + 1; });
  EXPECT_EQ((std::vector<std::uint64_t>{bytes.begin(), bytes.end()}),
            (std::vector<std::uint64_t>{1, 104, 3}));
  for (std::uint64_t exact = 1; exact < 5'000'000; exact += 1 + exact / 3) {
    EXPECT_GE(ShardSizes::rounded(exact), exact);
    EXPECT_LE(ShardSizes::rounded(exact), exact + exact / 8);
    EXPECT_EQ(ShardSizes::rounded(ShardSizes::rounded(exact)), ShardSizes::rounded(exact));
  }
}

TEST(NodeWireTest, MessagesComeBack) {
  EXPECT_EQ(decode_ping(encode(Ping{-5}))->sent, -5);
  Pong pong{7, true, 1, 2, 3, {{0, 5}, {1023, 1ULL << 40}}};
  const auto back = decode_pong(encode(pong)).value();
  EXPECT_TRUE(back.attests);
  EXPECT_EQ(back.sent, 7);
  EXPECT_EQ(back.lag, 3U);
  ASSERT_EQ(back.sizes.size(), 2U);
  EXPECT_EQ(back.sizes[1].bytes, 1ULL << 40);
  const auto question = decode_shard_question(encode(ShardQuestion{1, 2, 3, true, 4})).value();
  EXPECT_EQ(question.view_version, 3U);
  EXPECT_TRUE(question.serves);
  const auto report = decode_shard_report(encode(ShardReport{1, true, false, 9})).value();
  EXPECT_TRUE(report.reads);
  EXPECT_EQ(report.applied, 9U);
}

TEST(NodeWireTest, AnythingElseIsCorrupt) {
  const auto question = encode(ShardQuestion{1, 2, 3, true, 4});
  for (std::size_t i = 0; i < question.size(); ++i)
    EXPECT_FALSE(decode_shard_question(question.substr(0, i))) << i;
  EXPECT_FALSE(decode_shard_question(question + "x"));
  EXPECT_FALSE(decode_pong(question));
  EXPECT_FALSE(decode_shard_report(question));
  EXPECT_FALSE(decode_ping(std::string(3000, '\xdd')));
}

TEST(ReplicaLoaderTest, AReplicaThatWasLostIsLoadedUnderANewAttempt) {
  ReplicaLoader loader{0, Settings{}};
  loader.lost(); // nothing to lose
  EXPECT_EQ(loader.attempt(), 0U);
  ClusterView view;
  view.seq = 5;
  view.shards = {{{1}, {}, {}}};
  loader.follow(view, 1);
  const auto first = loader.wants_snapshot(0).value();
  ASSERT_TRUE(loader.on_snapshot(first, 6));
  ASSERT_TRUE(loader.on_tail(6, 7));
  EXPECT_TRUE(loader.serves());
  loader.lost();
  EXPECT_FALSE(loader.serves());
  EXPECT_TRUE(loader.counted_on());
  EXPECT_EQ(loader.applied(), 0U);
  const auto second = loader.wants_snapshot(0).value();
  EXPECT_GT(second, first);
  EXPECT_FALSE(loader.on_snapshot(first, 8));
  ASSERT_TRUE(loader.on_snapshot(second, 8));
  ASSERT_TRUE(loader.on_tail(8, 8));
  EXPECT_TRUE(loader.serves());
}

} // namespace
} // namespace graphrag::cluster
