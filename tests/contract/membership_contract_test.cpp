// What the cluster's machines need of its database: one order of views, leases by the database's
// clock, votes, and what becomes of them when members come and go. The simulation's database is the
// model; these are its rules on the real ones.
#include <atomic>

#include "cluster/stored_membership.hpp"
#include "cluster/view_change.hpp"
#include "runtime/store/postgres/postgres_member_rows.hpp"
#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::cluster {
namespace {

using runtime::Errc;
using test::eventually;

NodeId id_of(NodeOrdinal ordinal, std::uint64_t incarnation = 0) {
  return {ordinal, incarnation == 0 ? (1ULL << 63) + ordinal : incarnation}; // any 64 bits
}

Member member(const NodeId& id, MemberState state = MemberState::up) {
  return {id, state, "node:1", 1 << 20, 0};
}

class MembershipContract : public testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    settings_.lease = 600'000; // nothing ends by itself
    if (over("memory")) {
      store_ = runtime::make_memory_store();
      rows_ = runtime::make_memory_member_rows(std::make_shared<runtime::SystemClock>(),
                                               [this] { return *store_->last_seq(); });
    } else {
      SKIP_WITHOUT_POSTGRES();
      if (over("pgbouncer") && !test::PgBouncer::why_not().empty())
        GTEST_SKIP() << "NOT TESTED: " << test::PgBouncer::why_not();
      database_ = std::make_unique<runtime::EmptyDatabase>();
      store_ = runtime::open_node(runtime::options_for(url()));
    }
    membership_ = open();
  }
  bool over(std::string_view adapter) const { return adapter == GetParam(); }
  std::string url() const {
    return over("postgres") ? database_->url() : runtime::shared_bouncer().url(database_->name());
  }

  // As another node opens it.
  std::unique_ptr<MembershipStore> open() {
    if (over("memory")) return make_stored_membership(rows_, settings_);
    auto rows = runtime::open_postgres_member_rows({.url = url(),
                                                    .timeout = std::chrono::seconds(20),
                                                    .connecting = std::chrono::seconds(20)});
    EXPECT_TRUE(rows) << rows.error().detail;
    return rows ? make_stored_membership(std::move(*rows), settings_) : nullptr;
  }

  Snapshot read() { return runtime::value_of(membership_->read()); }
  Snapshot changed(const ClusterView& view, std::vector<EndedLease> ended = {}) {
    return runtime::value_of(membership_->try_change({view, std::move(ended)}));
  }
  Errc refused(const ClusterView& view, std::vector<EndedLease> ended = {}) {
    auto answer = membership_->try_change({view, std::move(ended)});
    EXPECT_FALSE(answer);
    return answer ? Errc::io : answer.error().code;
  }
  // A view of these members.
  Snapshot begin_with(std::initializer_list<NodeId> ids) {
    auto now = read();
    for (const auto& id : ids) now = changed(with_member(now.view, member(id)));
    return now;
  }
  Snapshot renewed(const Renewal& renewal) {
    return runtime::value_of(membership_->renew(renewal));
  }
  void write(const std::string& id) {
    std::vector<runtime::WriteOp> ops{runtime::commit_of(id, "text")};
    ASSERT_TRUE(store_->write(ops));
  }

  Settings settings_;
  std::unique_ptr<runtime::EmptyDatabase> database_;
  std::unique_ptr<runtime::Store> store_;
  std::shared_ptr<runtime::MemberRows> rows_; // in memory
  std::unique_ptr<MembershipStore> membership_;
};

INSTANTIATE_TEST_SUITE_P(Adapters, MembershipContract,
                         testing::Values("memory", "postgres", "pgbouncer"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(MembershipContract, BeginsWithNobody) {
  auto now = read();
  EXPECT_EQ(now.view, ClusterView{});
  EXPECT_TRUE(now.leases.empty());
  EXPECT_GT(now.now, 0);
  EXPECT_EQ(now.seq, 0U);
}

TEST_P(MembershipContract, AViewComesBackAsItWasWrittenWithTheLogsNumber) {
  write("a");
  write("b");
  auto view = with_member({}, member(id_of(7), MemberState::joining));
  view.members.front().leave_by = 12;
  view = with_shards(view, {{{7}, {}, {}}, {{}, {7}, {}}});
  view.version = 1;
  view.seq = 99; // is the store's to say
  auto written = changed(view);
  view.seq = 2;
  EXPECT_EQ(written.view, view);
  write("c");
  auto now = read();
  EXPECT_EQ(now.view, view);
  EXPECT_EQ(now.seq, 3U);
}

TEST_P(MembershipContract, AViewChangesOnlyForWhoKnowsTheOneBefore) {
  auto first = with_member({}, member(id_of(1)));
  changed(first);
  auto other = with_member({}, member(id_of(2)));
  EXPECT_EQ(refused(other), Errc::conflict) << "the version is taken";
  auto early = with_member(with_member(first, member(id_of(2))), member(id_of(3)));
  EXPECT_EQ(refused(early), Errc::conflict) << "a version is missing before it";
  auto now = read();
  EXPECT_EQ(now.view.version, 1U);
  EXPECT_EQ(now.leases.size(), 1U) << "what was refused changed nothing";
  EXPECT_NE(now.lease_of(id_of(1)), nullptr);
}

TEST_P(MembershipContract, OfManyWhoChangeAViewOneWins) {
  constexpr int nodes = 3;
  std::vector<std::unique_ptr<MembershipStore>> own;
  for (int node = 0; node < nodes; ++node) own.push_back(open());
  auto view = read().view;
  for (int round = 0; round < 8; ++round) {
    std::atomic<int> won = 0;
    runtime::all_at_once(nodes, [&](int node) {
      auto id = id_of(static_cast<NodeOrdinal>(round), static_cast<std::uint64_t>(node) + 1);
      auto done =
          own[static_cast<std::size_t>(node)]->try_change({with_member(view, member(id)), {}});
      if (done) {
        ++won;
        EXPECT_NE(done->lease_of(id), nullptr);
      } else {
        EXPECT_EQ(done.error().code, Errc::conflict) << done.error().detail;
      }
    });
    EXPECT_EQ(won, 1) << "round " << round;
    view = read().view;
    EXPECT_EQ(view.version, static_cast<std::uint64_t>(round) + 1);
    EXPECT_EQ(read().leases.size(), view.members.size());
  }
}

TEST_P(MembershipContract, ANewcomerHasALeaseAndHasSeenItsView) {
  auto now = begin_with({id_of(1), id_of(2)});
  const auto* lease = now.lease_of(id_of(2));
  ASSERT_NE(lease, nullptr);
  EXPECT_GT(lease->until, now.now);
  EXPECT_LE(lease->until, now.now + settings_.lease);
  EXPECT_EQ(lease->seen_view, 2U);
  EXPECT_FALSE(lease->isolated);
  EXPECT_TRUE(lease->against.empty());
  EXPECT_TRUE(lease->loaded.empty());
  EXPECT_EQ(now.lease_of(id_of(1))->seen_view, 1U) << "the others' rows stay as they were";
}

TEST_P(MembershipContract, ARenewalSaysWhatItsMemberSees) {
  auto before = begin_with({id_of(1), id_of(2)});
  write("a");
  auto now = renewed({id_of(1), 5, 2, true, {id_of(2), id_of(9)}, {0, 3, 1023}});
  EXPECT_EQ(now.seq, 1U);
  EXPECT_EQ(now.view, before.view);
  ASSERT_EQ(now.leases.size(), 2U);
  const auto* lease = now.lease_of(id_of(1));
  ASSERT_NE(lease, nullptr);
  EXPECT_GE(lease->until, before.lease_of(id_of(1))->until);
  EXPECT_LE(lease->until, now.now + settings_.lease);
  EXPECT_EQ(lease->seen_view, 2U);
  EXPECT_TRUE(lease->isolated);
  EXPECT_EQ(lease->against, (std::vector<NodeId>{id_of(2), id_of(9)}));
  EXPECT_EQ(lease->loaded, (std::vector<std::uint32_t>{0, 3, 1023}));
  EXPECT_EQ(now.lease_of(id_of(2))->until, before.lease_of(id_of(2))->until);
}

TEST_P(MembershipContract, ARenewalSaysWhatItsMemberNeedsOfTheLog) {
  auto now = begin_with({id_of(1), id_of(2)});
  EXPECT_EQ(now.lease_of(id_of(1))->needed_after, 0U) << "it has said nothing yet";
  renewed({id_of(1), 5, 2, false, {}, {}, 42});
  now = renewed({id_of(1), 4, 2, false, {}, {}, 50}); // late
  EXPECT_EQ(now.lease_of(id_of(1))->needed_after, 42U);
  EXPECT_EQ(now.lease_of(id_of(2))->needed_after, 0U);
  EXPECT_FALSE(least_needed(now));
  now = renewed({id_of(2), 1, 2, false, {}, {}, std::uint64_t{1} << 40});
  EXPECT_EQ(now.lease_of(id_of(2))->needed_after, std::uint64_t{1} << 40);
  EXPECT_EQ(least_needed(now), 42U);
}

TEST_P(MembershipContract, AnOlderRenewalHasNoEffectHoweverLateItComes) {
  begin_with({id_of(1)});
  auto newest = renewed({id_of(1), 7, 1, false, {id_of(3)}, {}});
  for (std::uint64_t number : {6, 7}) {
    auto late = renewed({id_of(1), number, 0, true, {}, {4}});
    EXPECT_EQ(late.lease_of(id_of(1))->until, newest.lease_of(id_of(1))->until);
    EXPECT_EQ(late.lease_of(id_of(1))->against, std::vector<NodeId>{id_of(3)});
    EXPECT_FALSE(late.lease_of(id_of(1))->isolated);
  }
  EXPECT_TRUE(renewed({id_of(1), 8, 1, true, {}, {}}).lease_of(id_of(1))->isolated);
}

TEST_P(MembershipContract, WhoIsNoMemberCannotRenew) {
  EXPECT_EQ(membership_->renew({id_of(1), 1, 0, false, {}, {}}).error().code, Errc::not_found);
  begin_with({id_of(1)});
  EXPECT_EQ(membership_->renew({id_of(1, 5), 1, 0, false, {}, {}}).error().code, Errc::not_found)
      << "another life in the same place";
  EXPECT_EQ(read().leases.size(), 1U);
}

TEST_P(MembershipContract, WhoIsGoneLosesItsLeaseAndATwinBeginsAnew) {
  auto now = begin_with({id_of(1), id_of(2)});
  renewed({id_of(2), 9, 2, true, {id_of(1)}, {5}});
  const NodeId gone[] = {id_of(1)};
  now = changed(without(now.view, gone));
  EXPECT_EQ(now.lease_of(id_of(1)), nullptr);
  EXPECT_EQ(membership_->renew({id_of(1), 99, 3, false, {}, {}}).error().code, Errc::not_found);
  now = changed(with_member(now.view, member(id_of(2, 77)))); // in one change
  EXPECT_EQ(now.lease_of(id_of(2)), nullptr);
  ASSERT_EQ(now.leases.size(), 1U);
  EXPECT_FALSE(now.lease_of(id_of(2, 77))->isolated);
  EXPECT_TRUE(renewed({id_of(2, 77), 1, 4, true, {}, {}}).lease_of(id_of(2, 77))->isolated)
      << "its numbers begin anew too";
}

TEST_P(MembershipContract, ARemovalRestsOnTheLeaseAsItWasRead) {
  auto seen = begin_with({id_of(1), id_of(2)});
  auto until = seen.lease_of(id_of(1))->until;
  const NodeId gone[] = {id_of(1)};
  auto next = without(seen.view, gone);
  EXPECT_EQ(refused(next, {{id_of(1), until - 1}}), Errc::conflict);
  std::uint64_t renewals = 0;
  ASSERT_TRUE(eventually([&] { // the clock has moved on
    return renewed({id_of(1), ++renewals, 2, false, {}, {}}).lease_of(id_of(1))->until > until;
  }));
  EXPECT_EQ(refused(next, {{id_of(1), until}}), Errc::conflict) << "it was renewed meanwhile";
  EXPECT_EQ(read().view, seen.view);
  until = read().lease_of(id_of(1))->until;
  auto now = changed(next, {{id_of(1), until}, {id_of(8), 4}}); // one without a row hinders nobody
  EXPECT_EQ(now.view.members.size(), 1U);
  EXPECT_EQ(now.leases.size(), 1U);
}

TEST_P(MembershipContract, ALeaseEndsByTheDatabasesClockAlone) {
  settings_.lease = 1;
  membership_ = open();
  auto now = begin_with({id_of(1)});
  EXPECT_TRUE(eventually([&] { return lease_ended(read(), id_of(1)); }));
  settings_.lease = 600'000;
  membership_ = open();
  now = renewed({id_of(1), 1, 1, false, {}, {}}); // a lease that ended can be renewed
  EXPECT_FALSE(lease_ended(now, id_of(1)));
}

TEST_P(MembershipContract, VotesAreSeenByAllAndACallRepeatedChangesNothing) {
  auto now = begin_with({id_of(1), id_of(2), id_of(3)});
  Renewal vote{id_of(1), 1, 3, false, {id_of(3)}, {}};
  auto first = renewed(vote);
  auto again = renewed(vote); // its first answer was lost
  EXPECT_EQ(again.lease_of(id_of(1))->until, first.lease_of(id_of(1))->until);
  renewed({id_of(2), 1, 3, false, {id_of(3)}, {}});
  auto other = open();
  auto seen = runtime::value_of(other->read());
  for (auto voter : {id_of(1), id_of(2)})
    EXPECT_EQ(seen.lease_of(voter)->against, std::vector<NodeId>{id_of(3)});
  const NodeId gone[] = {id_of(3)};
  auto next = without(now.view, gone);
  changed(next);
  EXPECT_EQ(refused(next), Errc::conflict) << "who lost the answer must look";
  EXPECT_EQ(read().view.version, next.version);
}

TEST_P(MembershipContract, AViewThatNobodyCouldReadIsNotWritten) {
  auto view = with_member({}, member(id_of(1)));
  view.members.front().address = std::string(10'000, 'x');
  EXPECT_EQ(refused(view), Errc::invalid_argument);
  EXPECT_EQ(read().view, ClusterView{});
}

TEST_P(MembershipContract, ARenewalOrTheRemovalOfItsMemberComesFirst) {
  constexpr int rounds = 20;
  auto other = open();
  auto now = begin_with({id_of(1)});
  int removed = 0, kept = 0;
  for (int round = 0; round < rounds; ++round) {
    auto id = id_of(2, static_cast<std::uint64_t>(round) + 1);
    now = changed(with_member(now.view, member(id)));
    // The lease must be told from the one that a renewal makes.
    auto until = now.lease_of(id)->until;
    ASSERT_TRUE(eventually([&] { return (now = read()).now + settings_.lease > until; }));
    runtime::Result<Snapshot> renewal = runtime::fail(Errc::io, ""), removal = renewal;
    const NodeId gone[] = {id};
    runtime::all_at_once(2, [&](int who) {
      if (who == 0) renewal = other->renew({id, 1, now.view.version, false, {}, {}});
      if (who == 1) removal = membership_->try_change({without(now.view, gone), {{id, until}}});
    });
    ASSERT_NE(renewal.has_value(), removal.has_value()) << "round " << round;
    EXPECT_EQ(renewal ? removal.error().code : renewal.error().code,
              renewal ? Errc::conflict : Errc::not_found);
    ++(removal ? removed : kept);
    now = read();
    if (!removal) now = changed(without(now.view, gone));
  }
  EXPECT_EQ(removed + kept, rounds);
}

} // namespace
} // namespace graphrag::cluster
