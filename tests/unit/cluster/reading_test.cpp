// The right to read: leases, attestations, quorums.
#include <gtest/gtest.h>

#include "cluster/lease_table.hpp"
#include "cluster/peer_guard.hpp"
#include "cluster/peer_watch.hpp"
#include "cluster/read_right.hpp"

namespace graphrag::cluster {
namespace {

const Settings settings;

ClusterView three_nodes() {
  ClusterView view;
  view.version = 5;
  view.voters_since = 3;
  for (NodeOrdinal i = 0; i < 3; ++i)
    view.members.push_back({{i, 10 + i}, MemberState::up, "", 1000, 0});
  return view;
}
NodeId node(NodeOrdinal ordinal) { return {ordinal, 10 + ordinal}; }

TEST(ReadRight, EndsBeforeTheLeaseAndIsCountedFromTheSending) {
  ReadRight right(settings);
  EXPECT_FALSE(right.held(0));
  right.renewed(1000, 1400, 7);
  EXPECT_TRUE(right.held(1000 + settings.lease - settings.margin));
  EXPECT_FALSE(right.held(1000 + settings.lease - settings.margin + 1));
}

TEST(ReadRight, AfterAGapTheViewMustCatchUp) {
  ReadRight right(settings);
  right.renewed(1000, 1000, 7);
  EXPECT_FALSE(right.may_read(1500, 6));
  EXPECT_TRUE(right.may_read(1500, 7));
  right.renewed(3000, 3000, 50); // without a gap: nothing was promised to others
  EXPECT_TRUE(right.may_read(3500, 7));
  right.renewed(30'000, 30'000, 90);
  EXPECT_FALSE(right.may_read(30'001, 89));
  EXPECT_TRUE(right.may_read(30'001, 90));
}

TEST(ReadRight, AttestationsProlongItWithoutAGapAndNotForEver) {
  ReadRight right(settings);
  right.renewed(0, 0, 1);
  Millis now = 5000;
  for (; right.held(now); now += 500) right.attested(now + settings.attest_hold, now);
  EXPECT_GT(now, settings.outage_reads);
  EXPECT_LE(now, settings.lease + settings.outage_reads + 500);
  right.renewed(100'000, 100'000, 1);
  right.attested(200'000 + settings.attest_hold, 200'000); // too late: it has ended
  EXPECT_FALSE(right.held(200'000));
}

TEST(ReadRight, OnceOverItNeverComesBack) {
  ReadRight right(settings);
  right.renewed(0, 0, 1);
  right.end();
  right.renewed(10, 10, 1);
  EXPECT_FALSE(right.held(20));
}

Snapshot snapshot_of(ClusterView view, Millis now) {
  Snapshot snapshot;
  snapshot.view = std::move(view);
  snapshot.now = now;
  for (const auto& member : snapshot.view.members) {
    Lease lease;
    lease.node = member.id;
    lease.until = now + settings.lease;
    lease.seen_view = snapshot.view.version;
    snapshot.leases.push_back(lease);
  }
  return snapshot;
}

TEST(LeaseTable, AMemberExpiresByTheVotesOfAQuorumNotByItsLeaseAlone) {
  auto snapshot = snapshot_of(three_nodes(), 100'000);
  EXPECT_FALSE(has_expired(snapshot, node(2), settings));
  snapshot.leases[2].until = 99'999;
  EXPECT_FALSE(has_expired(snapshot, node(2), settings));
  snapshot.leases[0].against = {node(2)};
  EXPECT_FALSE(has_expired(snapshot, node(2), settings));
  snapshot.leases[1].against = {node(2)};
  EXPECT_TRUE(has_expired(snapshot, node(2), settings));
  snapshot.leases[2].until = 100'001; // it has renewed
  EXPECT_FALSE(has_expired(snapshot, node(2), settings));
}

TEST(LeaseTable, VotesDoNotCountAgainstAMemberThatHasNotSeenWhoVotes) {
  auto snapshot = snapshot_of(three_nodes(), 100'000);
  snapshot.leases[2].until = 99'999;
  snapshot.leases[2].seen_view = 2;
  snapshot.leases[0].against = snapshot.leases[1].against = {node(2)};
  EXPECT_FALSE(has_expired(snapshot, node(2), settings));
  snapshot.now += settings.outage_reads;
  EXPECT_TRUE(has_expired(snapshot, node(2), settings)); // no attestation helps it any more
}

TEST(LeaseTable, ThePlannerIsTheLowestThatIsNotLate) {
  auto snapshot = snapshot_of(three_nodes(), 100'000);
  EXPECT_EQ(planner(snapshot, settings), node(0));
  EXPECT_TRUE(is_settled(snapshot, settings));
  snapshot.leases[0].until = 100'000 + settings.lease - settings.late - 1;
  EXPECT_EQ(planner(snapshot, settings), node(1));
  EXPECT_FALSE(is_settled(snapshot, settings));
}

class Watch : public testing::Test {
protected:
  Watch() { watch.on_view(three_nodes()); }
  void run(Millis until) {
    for (; now <= until; now += 200) watch.tick(now);
  }
  PeerWatch watch{node(0), settings};
  Millis now = 1000;
};

TEST_F(Watch, WithoutAQuorumForFiveSecondsTheNodeIsIsolated) {
  run(1000 + settings.isolated_after - 200);
  EXPECT_FALSE(watch.isolated());
  run(1000 + settings.isolated_after + 200);
  EXPECT_TRUE(watch.isolated());
  watch.on_answer(now, node(1), now - 10, false);
  watch.tick(now);
  EXPECT_FALSE(watch.isolated());
}

TEST_F(Watch, ItsOwnPauseIsNotThePeersFault) {
  run(2000);
  now += 60'000; // stopped
  watch.tick(now);
  EXPECT_FALSE(watch.isolated());
}

TEST_F(Watch, AnAnswerProvesNothingAfterItsPingWasSent) {
  watch.on_answer(50'000, node(1), 1000, true);
  EXPECT_FALSE(watch.reached(node(1), 50'000));
  EXPECT_LT(watch.attested_until(50'000, true), 50'000);
  watch.on_answer(50'000, node(1), 51'000, true); // from the future: not ours
  EXPECT_FALSE(watch.reached(node(1), 50'000));
}

TEST_F(Watch, AQuorumAttestsOnlyToOneThatHasLostTheDatabaseItself) {
  watch.on_answer(5000, node(2), 4900, true);
  EXPECT_EQ(watch.attested_until(5000, true), 4900 + settings.attest_hold - settings.margin);
  EXPECT_LT(watch.attested_until(5000, false), 5000);
}

TEST_F(Watch, AttestingIsAPromiseNotToVote) {
  EXPECT_FALSE(watch.attest(5000, node(1), false, false)); // has the database
  EXPECT_FALSE(watch.attest(5000, node(1), true, true));   // has voted
  EXPECT_TRUE(watch.may_vote_against(node(1), 5000));
  EXPECT_TRUE(watch.attest(5000, node(1), true, false));
  EXPECT_FALSE(watch.may_vote_against(node(1), 5000 + settings.attest_hold));
  EXPECT_TRUE(watch.may_vote_against(node(1), 5001 + settings.attest_hold));
}

TEST(PeerGuard, OnlyMembersInTheirOneIncarnationAreHeard) {
  const auto view = three_nodes();
  const auto from = [&](NodeId id, std::uint64_t version) {
    return hear({"c", id, 10, version}, "c", node(0), view);
  };
  EXPECT_EQ(from(node(1), 4), Heard::taken);
  EXPECT_EQ(from({1, 999}, 5), Heard::gone);
  EXPECT_EQ(from({1, 999}, 6), Heard::unknown);
  EXPECT_EQ(hear({"other", node(1), 10, 5}, "c", node(0), view), Heard::misdirected);
  EXPECT_EQ(hear({"c", node(1), 9, 5}, "c", node(0), view), Heard::misdirected);
}

TEST(PeerGuard, HeadersComeBackAndRubbishIsRefused) {
  const PeerHeader header{"cluster-a", {3, 0xfedcba9876543210}, 17, 1'000'000};
  const auto bytes = encode_header(header);
  std::string_view body;
  const auto whole = bytes + "body";
  const auto back = decode_header(whole, body);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, header);
  EXPECT_EQ(body, "body");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_header(std::string_view(bytes).substr(0, size), body));
  EXPECT_FALSE(decode_header(encode_header({std::string(65, 'x'), {}, 0, 0}), body));
}

} // namespace
} // namespace graphrag::cluster
