// The SQLite store on a disk that is full or broken: a batch is whole or not there, and the store
// heals by itself.
#include <cerrno>
#include <sqlite3.h>

#include "tests/contract/faulty_disk.hpp"
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

constexpr int documents_per_batch = 12;

// New documents, a replacement and a deletion; large enough for several pages each.
std::vector<WriteOp> batch_of(int number) {
  std::vector<WriteOp> ops;
  for (int i = 0; i < documents_per_batch; ++i)
    ops.push_back(commit_of("n" + std::to_string(number) + "-" + std::to_string(i),
                            std::string(6000, 'x') + std::to_string(number)));
  ops.push_back(commit_of("replaced", "text " + std::to_string(number)));
  ops.push_back(DeleteOp{key_of("victim" + std::to_string(number))});
  return ops;
}

class SqliteDisk : public testing::Test {
protected:
  void open(std::int64_t max_bytes = 0) {
    store_.reset();
    SqliteOptions options;
    options.file = folder_.file("store.db");
    options.max_bytes = max_bytes;
    auto opened = open_sqlite_store(options);
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
  }

  void prepare(int batches) {
    std::vector<WriteOp> ops{commit_of("replaced", "text before")};
    for (int i = 0; i < batches; ++i) ops.push_back(commit_of("victim" + std::to_string(i), "v"));
    ASSERT_TRUE(store_->write(ops));
  }

  // Everything of the batch is there, or nothing of it.
  void expect_batch(int number, bool written) {
    for (int i = 0; i < documents_per_batch; ++i) {
      auto id = "n" + std::to_string(number) + "-" + std::to_string(i);
      ASSERT_EQ(store_->content(key_of(id)).has_value(), written) << id;
    }
    auto replaced = store_->content(key_of("replaced"));
    ASSERT_TRUE(replaced) << replaced.error().detail;
    ASSERT_EQ(replaced->text == "text " + std::to_string(number), written);
    auto victim = store_->content(key_of("victim" + std::to_string(number)));
    ASSERT_NE(victim.has_value(), written);
  }

  void expect_sound() {
    auto findings = store_->check();
    ASSERT_TRUE(findings) << findings.error().detail;
    EXPECT_EQ(*findings, std::vector<std::string>{});
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

// Breaks the disk at every point of a batch, one after the other.
class SqliteDiskAtEveryCall : public SqliteDisk,
                              public testing::WithParamInterface<std::tuple<int, int, Errc>> {};

TEST_P(SqliteDiskAtEveryCall, ABatchIsWholeOrNotThere) {
  auto [sqlite_code, system_error, expected] = GetParam();
  FaultyDisk disk;
  open();
  prepare(200);
  int number = 0;
  bool reached_the_end = false;
  for (std::uint64_t calls = 0; !reached_the_end; ++calls) {
    ASSERT_LT(number, 200);
    disk.fail_after(calls, sqlite_code, system_error);
    auto seq = value_of(store_->last_seq());
    auto summary = store_->write(batch_of(number));
    disk.heal();
    reached_the_end = summary.has_value();
    if (!summary) {
      ASSERT_EQ(summary.error().code, expected) << summary.error().detail;
      ASSERT_EQ(value_of(store_->last_seq()), seq);
      ASSERT_NO_FATAL_FAILURE(expect_batch(number, false)) << "after " << calls << " calls";
      summary = store_->write(batch_of(number)); // the store healed by itself
      ASSERT_TRUE(summary) << summary.error().detail;
    }
    ASSERT_NO_FATAL_FAILURE(expect_batch(number++, true));
  }
  EXPECT_GT(number, 20) << "the disk failed at too few points to say anything";
  expect_sound();
  open();
  for (int i = 0; i + 1 < number; ++i)
    ASSERT_TRUE(store_->content(key_of("n" + std::to_string(i) + "-0")));
  ASSERT_NO_FATAL_FAILURE(expect_batch(number - 1, true));
}

INSTANTIATE_TEST_SUITE_P(Failures, SqliteDiskAtEveryCall,
                         testing::Values(std::tuple(SQLITE_FULL, ENOSPC, Errc::no_space),
                                         std::tuple(SQLITE_IOERR_WRITE, EIO, Errc::io)),
                         [](const auto& info) {
                           return std::string(to_string(std::get<2>(info.param)));
                         });

TEST_F(SqliteDisk, EveryAcknowledgedWriteWasSynced) {
  FaultyDisk disk;
  open();
  for (int i = 0; i < 5; ++i) {
    auto before = disk.syncs();
    ASSERT_TRUE(store_->write(std::vector<WriteOp>{commit_of("a", std::to_string(i))}));
    EXPECT_GT(disk.syncs(), before);
  }
}

TEST_F(SqliteDisk, AFullDiskStopsWritesButNotReads) {
  FaultyDisk disk;
  open();
  prepare(1);
  disk.fail_after(0, SQLITE_FULL, ENOSPC);
  EXPECT_EQ(store_->write(batch_of(0)).error().code, Errc::no_space);
  EXPECT_EQ(store_->write(batch_of(0)).error().code, Errc::no_space);
  EXPECT_EQ(store_->content(key_of("replaced"))->text, "text before");
  EXPECT_EQ(store_->list({"default"})->total, 2U);
  disk.heal();
  EXPECT_TRUE(store_->write(batch_of(0)));
  expect_sound();
}

TEST_F(SqliteDisk, ABoundOnTheSizeGivesNoSpaceUntilSomethingIsDeleted) {
  open(1 << 20);
  auto document = [](int i) {
    return commit_of("d" + std::to_string(i), std::string(20'000, 'a' + i % 26));
  };
  int written = 0;
  Result<WriteSummary> summary = WriteSummary{};
  while (written < 100) {
    // A small document beside the large one: neither may stay when the batch fails.
    summary = store_->write(
        std::vector<WriteOp>{commit_of("s" + std::to_string(written), "small"), document(written)});
    if (!summary) break;
    ++written;
  }
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, Errc::no_space);
  EXPECT_GT(written, 5);
  EXPECT_FALSE(store_->document(key_of("s" + std::to_string(written))));
  EXPECT_EQ(*store_->last_seq(), static_cast<std::uint64_t>(written));

  auto removed =
      store_->write(std::vector<WriteOp>{DeleteOp{key_of("d0")}, DeleteOp{key_of("d1")}});
  ASSERT_TRUE(removed) << removed.error().detail;
  EXPECT_FALSE(removed->results[0].error);
  EXPECT_TRUE(store_->write(std::vector<WriteOp>{document(1000)})) << "the space came back";
  expect_sound();
}

TEST_F(SqliteDisk, ABackupThatFailsLeavesNothing) {
  FaultyDisk disk;
  open();
  prepare(1);
  disk.fail_after(3, SQLITE_FULL, ENOSPC);
  auto ok = store_->backup_to(folder_.file("backup.db"));
  disk.heal();
  ASSERT_FALSE(ok);
  EXPECT_EQ(ok.error().code, Errc::no_space);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("backup.db")));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("backup.db.partial")));
  EXPECT_TRUE(store_->backup_to(folder_.file("backup.db")));
}

} // namespace
} // namespace graphrag::runtime
