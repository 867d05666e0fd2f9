// What members need of the log, who says so, and newcomers that were held up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/lease_codec.hpp"
#include "cluster/log_freshness.hpp"
#include "cluster/msgpack_fields.hpp"
#include "tests/support/hand_cluster.hpp"

namespace graphrag::cluster {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ---- the lease

Lease some_lease() {
  Lease lease;
  lease.seen_view = 3;
  lease.isolated = true;
  lease.against = {{1, 2}, {3, 4}};
  lease.loaded = {0, 5};
  return lease;
}

TEST(LeaseNeeds, NodesOfTheReleaseBeforeReadTheSameBytes) {
  auto lease = some_lease();
  const auto before = encode_lease(lease);
  lease.needed_after = 42;
  EXPECT_EQ(encode_lease(lease), before);
  const auto back = decode_lease(before);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->loaded, lease.loaded);
  EXPECT_EQ(back->needed_after, 0U);
}

// Why it is no field of those bytes.
TEST(LeaseNeeds, AFieldMoreWouldBeRefused) {
  auto longer = encode_lease(some_lease());
  ASSERT_EQ(static_cast<unsigned char>(longer[0]), 0x95) << "an array of five";
  longer[0] = static_cast<char>(0x96);
  longer += static_cast<char>(42);
  EXPECT_FALSE(decode_lease(longer));
}

TEST(LeaseNeeds, TheLeastOfAllMembersCountsAndEachMustSay) {
  Snapshot snapshot;
  EXPECT_FALSE(least_needed(snapshot)) << "nobody is there";
  for (NodeOrdinal ordinal : {0U, 1U, 2U}) {
    Member member;
    member.id = {ordinal, 1};
    snapshot.view.members.push_back(member);
    auto lease = some_lease();
    lease.node = member.id;
    lease.needed_after = 10 + ordinal;
    snapshot.leases.push_back(lease);
  }
  EXPECT_EQ(least_needed(snapshot), 10U);
  snapshot.leases[0].needed_after = 99;
  EXPECT_EQ(least_needed(snapshot), 11U);
  snapshot.leases[2].needed_after = 0;
  EXPECT_FALSE(least_needed(snapshot)) << "one does not say";
  snapshot.leases.pop_back();
  EXPECT_FALSE(least_needed(snapshot)) << "one has no lease";
  snapshot.view.members.pop_back();
  EXPECT_EQ(least_needed(snapshot), 11U);
}

// ---- newcomers

class Freshness : public testing::Test {
protected:
  Settings settings_;
  const Millis limit_ = settings_.fresh_log;
  LogFreshness log_{settings_, 1000};
};

TEST_F(Freshness, ANewcomerIsLateWhenItsReadIsTooOld) {
  log_.stands(2000, 5);
  EXPECT_FALSE(log_.late(1000 + limit_));
  EXPECT_TRUE(log_.late(1001 + limit_));
}

TEST_F(Freshness, WhoKeepsUpIsNeverLate) {
  std::uint64_t seq = 5;
  for (Millis now = 1000; now < 1000 + 10 * limit_; now += limit_ / 4) {
    log_.stands(now, seq);
    log_.saw(now, ++seq); // it is always one behind when it looks
    EXPECT_FALSE(log_.late(now)) << now;
  }
}

TEST_F(Freshness, NothingNewIsAsGoodAsHavingReadIt) {
  log_.stands(1000, 5);
  const auto later = 1000 + 3 * limit_;
  log_.stands(later, 5);
  EXPECT_TRUE(log_.late(later)) << "nobody knows";
  log_.saw(later, 5);
  EXPECT_FALSE(log_.late(later));
}

TEST_F(Freshness, WhoReadOnFromWhatWasTooOldStaysLate) {
  log_.stands(1000, 5);
  const auto later = 1000 + 3 * limit_;
  log_.stands(later, 9);
  log_.saw(later, 9);
  EXPECT_TRUE(log_.late(later)) << "what was deleted between 5 and 9 may be forgotten";
}

TEST_F(Freshness, ATimeCountsOnlyOnceItsNumberIsReached) {
  log_.stands(1000, 5);
  log_.saw(2000, 9);
  log_.saw(3000, 12);
  log_.stands(3500, 8);
  EXPECT_TRUE(log_.late(1001 + limit_));
  log_.stands(3600, 9);
  EXPECT_FALSE(log_.late(2000 + limit_));
  EXPECT_TRUE(log_.late(2001 + limit_));
}

// ---- nodes

class ClusterNodeLog : public testing::Test, protected test::HandCluster {
protected:
  void write(int times) {
    for (int i = 0; i < times; ++i) rows.write();
  }
  bool is_member(NodeOrdinal ordinal) { return rows.view().find(ordinal) != nullptr; }
};

TEST_F(ClusterNodeLog, ThePlannerKnowsWhatAllMembersHaveLeftBehind) {
  write(20);
  for (NodeOrdinal ordinal : {0U, 1U, 2U}) add(ordinal);
  nodes.at(2)->host.needed = 15;
  ASSERT_TRUE(comes([&] { return complete(3); }, 120s));
  pass(5s);
  EXPECT_EQ(node(0).left_behind(), 15U);
  EXPECT_FALSE(node(1).left_behind()) << "it is not its turn";
  nodes.at(2)->host.needed = 17;
  pass(5s);
  EXPECT_EQ(node(0).left_behind(), 17U);
  nodes.at(1)->host.needed = 0; // as a node of the release before
  pass(5s);
  EXPECT_FALSE(node(0).left_behind());
  kill(1);
  ASSERT_TRUE(comes([&] { return !is_member(1); }, 60s));
  pass(5s);
  EXPECT_EQ(node(0).left_behind(), 17U);
  nodes.at(0)->rows->away = true;
  pass(5s);
  EXPECT_FALSE(node(0).left_behind()) << "what it knows is old";
}

TEST_F(ClusterNodeLog, ANewcomerThatWasCutOffTooLongDoesNotJoin) {
  write(20);
  add(0);
  ASSERT_TRUE(comes([&] { return complete(1); }, 120s));
  auto& late = add(1);
  late.rows->away = true;
  late.host.needed = 20;
  pass(std::chrono::milliseconds(settings.fresh_log) + 10s);
  write(1);
  EXPECT_THAT(late.ends, IsEmpty()) << "while the database is away nobody knows";
  late.rows->away = false;
  pass(5s);
  EXPECT_THAT(late.ends, ElementsAre(NodeEnd::stale));
  EXPECT_FALSE(is_member(1));
  kill(1);
  add(1); // its next life reads anew
  EXPECT_TRUE(comes([&] { return complete(2); }, 120s));
}

TEST_F(ClusterNodeLog, ANewcomerThatWasCutOffWhileNothingWasWrittenJoins) {
  write(20);
  add(0);
  ASSERT_TRUE(comes([&] { return complete(1); }, 120s));
  auto& late = add(1);
  late.rows->away = true;
  pass(std::chrono::milliseconds(settings.fresh_log) + 10s);
  late.rows->away = false;
  EXPECT_TRUE(comes([&] { return complete(2); }, 120s));
  EXPECT_THAT(late.ends, IsEmpty());
}

TEST_F(ClusterNodeLog, ANewcomerThatStoodStillDoesNotJoin) {
  write(20);
  add(0);
  ASSERT_TRUE(comes([&] { return complete(1); }, 120s));
  auto& late = add(1);
  late.stands_still = true;
  pass(std::chrono::milliseconds(settings.fresh_log) + 10s);
  write(1); // it has read that by the time it looks, and what came before may be gone
  late.stands_still = false;
  pass(5s);
  EXPECT_THAT(late.ends, ElementsAre(NodeEnd::stale));
  EXPECT_FALSE(is_member(1));
}

TEST_F(ClusterNodeLog, WhoIsAMemberMayBeBehindForHours) {
  write(20);
  add(0);
  auto& slow = add(1);
  slow.host.needed = 20;
  ASSERT_TRUE(comes([&] { return complete(2); }, 120s));
  write(5);
  pass(3 * std::chrono::milliseconds(settings.fresh_log));
  EXPECT_THAT(slow.ends, IsEmpty());
  EXPECT_EQ(node(0).left_behind(), 20U);
}

} // namespace
} // namespace graphrag::cluster
