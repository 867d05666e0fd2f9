// The server is killed while a node writes: every acknowledged batch is there afterwards, none is
// there in part, and the node goes on by itself. And what a node answers when its connection breaks
// during the commit.
#include <atomic>
#include <mutex>

#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::runtime {
namespace {

std::size_t batch_size(int number) { return 1 + static_cast<std::size_t>(number * 7 % 23); }

std::vector<WriteOp> batch_of(int number) {
  std::vector<WriteOp> ops;
  auto text = std::string(500 + number % 900, 'x') + " " + std::to_string(number);
  for (std::size_t i = 0; i < batch_size(number); ++i)
    ops.push_back(commit_of(std::to_string(number) + "-" + std::to_string(i), text));
  ops.push_back(commit_of("shared", text));
  return ops;
}

// A server of its own, since it is treated badly.
class PostgresCrash : public testing::Test {
protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    server_ = std::make_unique<test::PostgresServer>();
    options_ = options_for(server_->url());
    options_.doubt = std::chrono::seconds(60);
    store_ = open_node(options_);
  }

  void expect_no_findings() { EXPECT_EQ(value_of(store_->check()), std::vector<std::string>{}); }

  // Ends the server's process that writes for the store, as soon as it waits for `what`.
  void end_writer_waiting_for(const std::string& what) {
    auto ended = eventually([&] {
      return !server_
                  ->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                        "application_name = 'graphrag' AND state = 'active' AND wait_event = '" +
                        what + "'")
                  .empty();
    });
    EXPECT_TRUE(ended) << "no writer waited for " << what;
  }

  std::unique_ptr<test::PostgresServer> server_;
  PostgresOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_F(PostgresCrash, AcknowledgedBatchesSurviveAndNoneIsHalf) {
  std::atomic<int> acknowledged = 0, refused = 0;
  std::map<int, bool> known; // batch -> whether it was written; unknown ones are absent
  std::jthread writer([&](const std::stop_token& stop) {
    for (int number = 1; !stop.stop_requested(); ++number) {
      auto summary = store_->write(batch_of(number));
      if (summary) {
        known[number] = true;
        ++acknowledged;
        continue;
      }
      EXPECT_EQ(summary.error().code, Errc::unavailable) << summary.error().detail;
      ++refused;
      if (summary.error().detail.find("unknown") == std::string::npos) known[number] = false;
    }
  });
  constexpr int rounds = 5;
  for (int round = 0; round < rounds; ++round) {
    int before = acknowledged;
    ASSERT_TRUE(eventually([&] { return acknowledged >= before + 3 + round; }));
    std::this_thread::sleep_for(
        std::chrono::microseconds(700 * round)); // at another point each time
    server_->kill();
    server_->start();
  }
  int before = acknowledged;
  EXPECT_TRUE(eventually([&] { return acknowledged > before; })) << "the node did not go on";
  writer.request_stop();
  writer.join();

  std::map<int, std::size_t> found;
  value_of(store_->scan_live([&](DocumentContent&& content) {
    const auto& id = content.record.key.id;
    if (id != "shared") ++found[std::stoi(id)];
    return true;
  }));
  for (const auto& [number, count] : found) EXPECT_EQ(count, batch_size(number)) << number;
  for (const auto& [number, written] : known)
    EXPECT_EQ(found.contains(number), written) << "batch " << number;
  EXPECT_EQ(*store_->last_seq(), found.size());
  expect_no_findings();
}

TEST_F(PostgresCrash, ABatchWhoseCommitWasDoneButNotAnsweredIsAcknowledged) {
  // A commit is done on this server, then waits for a standby that will never come.
  server_->sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server_->sql("SELECT pg_reload_conf()");
  ASSERT_TRUE(eventually(
      [&] { return server_->sql("SHOW synchronous_standby_names").starts_with("nobody"); }));
  Result<WriteSummary> summary = fail(Errc::io, "not written");
  std::jthread writer([&] { summary = store_->write(batch_of(2)); });
  end_writer_waiting_for("SyncRep");
  writer.join();
  ASSERT_TRUE(summary) << summary.error().detail;
  EXPECT_EQ(summary->seq, 1U);
  EXPECT_EQ(summary->results.at(0).seq, 1U);
  EXPECT_EQ(store_->document(key_of("2-0"))->version, 1U) << "written twice";
}

TEST_F(PostgresCrash, ABatchWhoseCommitWasNotDoneIsWrittenAgain) {
  std::jthread blocker([&] {
    try {
      server_->sql("BEGIN; LOCK TABLE writers; SELECT pg_sleep(600)");
    } catch (const std::runtime_error&) { // it is canceled below
    }
  });
  ASSERT_TRUE(eventually([&] {
    return server_->sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        .starts_with("1");
  }));
  Result<WriteSummary> summary = fail(Errc::io, "not written");
  std::jthread writer([&] { summary = store_->write(batch_of(2)); });
  end_writer_waiting_for("relation");
  server_->sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  writer.join();
  ASSERT_TRUE(summary) << summary.error().detail;
  EXPECT_EQ(summary->seq, 1U);
  EXPECT_EQ(store_->document(key_of("2-0"))->version, 1U);
  expect_no_findings();
}

TEST_F(PostgresCrash, WhenTheServerStaysAwayTheOutcomeIsCalledUnknown) {
  options_.doubt = std::chrono::milliseconds(500);
  store_ = open_node(options_);
  server_->sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server_->sql("SELECT pg_reload_conf()");
  ASSERT_TRUE(eventually(
      [&] { return server_->sql("SHOW synchronous_standby_names").starts_with("nobody"); }));
  Result<WriteSummary> summary = fail(Errc::io, "not written");
  std::jthread writer([&] { summary = store_->write(batch_of(2)); });
  ASSERT_TRUE(eventually([&] {
    return server_->sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        .starts_with("1");
  }));
  server_->kill();
  writer.join();
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, Errc::unavailable);
  EXPECT_NE(summary.error().detail.find("unknown"), std::string::npos) << summary.error().detail;
}

TEST_F(PostgresCrash, WhileTheServerIsAwayCallsEndAndAfterwardsAllIsWellByItself) {
  ASSERT_TRUE(store_->write(batch_of(1)));
  server_->stop();
  EXPECT_EQ(store_->write(batch_of(2)).error().code, Errc::unavailable);
  EXPECT_EQ(store_->last_seq().error().code, Errc::unavailable);
  EXPECT_EQ(store_->check().error().code, Errc::unavailable);
  EXPECT_EQ(open_postgres_store(options_).error().code, Errc::unavailable);
  server_->start();
  EXPECT_EQ(value_of(store_->last_seq()), 1U);
  EXPECT_TRUE(store_->write(batch_of(2)));
}

TEST_F(PostgresCrash, CallsToAServerThatSaysNothingEnd) {
  options_.statement = std::chrono::milliseconds(200);
  options_.doubt = std::chrono::milliseconds(200);
  store_ = open_node(options_);
  // A busy server may need longer than that for the first one.
  ASSERT_TRUE(eventually([&] { return store_->write(batch_of(1)).has_value(); }));
  server_->freeze(true);
  EXPECT_EQ(store_->last_seq().error().code, Errc::unavailable);
  EXPECT_EQ(store_->write(batch_of(2)).error().code, Errc::unavailable);
  server_->freeze(false);
  EXPECT_TRUE(eventually([&] { return store_->write(batch_of(3)).has_value(); }));
}

} // namespace
} // namespace graphrag::runtime
