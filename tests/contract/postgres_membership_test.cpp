// Every call of the membership ends in its time, whatever the server does; and an answer that got
// lost does not undo what was done.
#include "cluster/stored_membership.hpp"
#include "cluster/view_change.hpp"
#include "runtime/store/postgres/postgres_member_rows.hpp"
#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::cluster {
namespace {

using runtime::Errc;
using test::eventually;

constexpr std::chrono::milliseconds timeout{500};
// Far above the timeout and far below what a call that does not end would take.
constexpr std::chrono::seconds ended_in_time{5};

class PostgresMembership : public testing::Test {
protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    server_ = std::make_unique<test::PostgresServer>();
    membership_ = open(timeout);
    // Now and then the machine is slower than the timeout.
    ASSERT_TRUE(eventually([&] {
      auto now = membership_->read();
      return now && (now->view.version == 1 || membership_->try_change({view_of(), {}}));
    }));
  }
  std::unique_ptr<MembershipStore> open(std::chrono::milliseconds patience) {
    auto rows = runtime::open_postgres_member_rows({.url = server_->url(), .timeout = patience});
    EXPECT_TRUE(rows) << rows.error().detail;
    return rows ? make_stored_membership(std::move(*rows), settings_) : nullptr;
  }
  static ClusterView view_of() {
    return with_member({}, {node, MemberState::up, "node:1", 1 << 20, 0});
  }
  Renewal renewal(std::uint64_t number) const { return {node, number, number, false, {}, {}}; }

  template <class Call>
  void expect_an_end_without_answer(Call call) {
    auto begin = std::chrono::steady_clock::now();
    auto answer = call();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, ended_in_time);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unavailable) << answer.error().detail;
  }
  void expect_nobody_answers() {
    // More than once: the first finds its connection silent, later ones find none.
    for (int i = 0; i < 3; ++i) {
      expect_an_end_without_answer([&] { return membership_->read(); });
      expect_an_end_without_answer([&] { return membership_->renew(renewal(1)); });
      expect_an_end_without_answer([&] {
        return membership_->try_change({with_shards(view_of(), {}), {}});
      });
    }
  }
  void expect_it_goes_on() {
    EXPECT_TRUE(eventually([&] { return membership_->renew(renewal(1)).has_value(); }));
  }
  void hold_commits_back(bool on) {
    server_->sql(on ? "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
                    : "ALTER SYSTEM SET synchronous_standby_names = ''");
    server_->sql("SELECT pg_reload_conf()");
    std::string wanted = on ? "nobody\n" : "\n";
    ASSERT_TRUE(
        eventually([&] { return server_->sql("SHOW synchronous_standby_names") == wanted; }));
  }

  static constexpr NodeId node{3, 4};
  Settings settings_;
  std::unique_ptr<test::PostgresServer> server_;
  std::unique_ptr<MembershipStore> membership_;
};

TEST_F(PostgresMembership, CallsToAServerThatSaysNothingEnd) {
  server_->freeze(true);
  expect_nobody_answers();
  server_->freeze(false);
  expect_it_goes_on();
}

TEST_F(PostgresMembership, CallsToAServerThatIsAwayEnd) {
  server_->stop();
  expect_nobody_answers();
  server_->start();
  expect_it_goes_on();
}

TEST_F(PostgresMembership, WhoWaitsForALockGivesUpAndLeavesNothingBehind) {
  std::jthread holder([&] {
    try {
      server_->sql("BEGIN; SELECT 1 FROM meta FOR UPDATE; SELECT 1 FROM cluster_member FOR UPDATE; "
                   "SELECT pg_sleep(600)");
    } catch (const std::runtime_error&) { // it is ended below
    }
  });
  ASSERT_TRUE(eventually([&] {
    return server_->sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") ==
           "1\n";
  }));
  auto next = with_shards(view_of(), {{{3}, {}, {}}});
  expect_an_end_without_answer([&] { return membership_->renew(renewal(1)); });
  expect_an_end_without_answer([&] { return membership_->try_change({next, {}}); });
  EXPECT_TRUE(eventually([&] {
    return server_->sql("SELECT count(*) FROM pg_stat_activity WHERE "
                        "application_name = 'graphrag' AND wait_event_type = 'Lock'") == "0\n";
  })) << "the server goes on waiting for nobody";
  EXPECT_TRUE(eventually([&] { return membership_->read().has_value(); }))
      << "nobody is in its way";
  server_->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
               "WHERE wait_event = 'PgSleep'");
  holder.join();
  EXPECT_EQ(runtime::value_of(open(std::chrono::seconds(20))->read()).view.version, 1U);
}

TEST_F(PostgresMembership, WhatWasDoneWithoutAnAnswerIsFoundAndNotDoneAgain) {
  auto patient = open(std::chrono::seconds(20));
  auto before = runtime::value_of(patient->read());
  auto next = with_shards(view_of(), {{{3}, {}, {}}});
  hold_commits_back(true); // a commit is done, then waits for a standby that never comes
  expect_an_end_without_answer([&] { return membership_->renew(renewal(5)); });
  hold_commits_back(false);
  ASSERT_TRUE(eventually(
      [&] { return runtime::value_of(patient->read()).lease_of(node)->seen_view == 5; }));
  auto late = runtime::value_of(patient->renew(renewal(4)));
  EXPECT_EQ(late.lease_of(node)->seen_view, 5U) << "an older one has no effect";
  hold_commits_back(true);
  expect_an_end_without_answer([&] { return membership_->try_change({next, {}}); });
  hold_commits_back(false);
  ASSERT_TRUE(eventually(
      [&] { return runtime::value_of(patient->read()).view.version == before.view.version + 1; }));
  EXPECT_EQ(patient->try_change({next, {}}).error().code, Errc::conflict);
}

} // namespace
} // namespace graphrag::cluster
