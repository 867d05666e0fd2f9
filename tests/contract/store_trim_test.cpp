// Forgetting many deletions, beside what goes on.
#include <atomic>
#include <thread>

#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreTrim : public StoreTest {
protected:
  static constexpr int batches = 5, per_batch = 1'000; // more than are forgotten at once
  static std::string id_of(int batch, int i) {
    return std::to_string(batch) + "-" + std::to_string(i);
  }
  // Numbers 1 to 5 write, 6 to 10 delete.
  void write_and_delete() {
    for (int batch = 0; batch < batches; ++batch) {
      std::vector<WriteOp> ops;
      for (int i = 0; i < per_batch; ++i) ops.push_back(commit_of(id_of(batch, i), "x"));
      ASSERT_EQ(write_all(std::move(ops)).seq, static_cast<std::uint64_t>(batch + 1));
    }
    for (int batch = 0; batch < batches; ++batch) {
      std::vector<WriteOp> ops;
      for (int i = 0; i < per_batch; ++i) ops.push_back(DeleteOp{key_of(id_of(batch, i))});
      write_all(std::move(ops));
    }
    ASSERT_EQ(*store_->last_seq(), 10U);
  }
  std::size_t removals(std::uint64_t seq = 0) {
    std::size_t out = 0;
    for (const auto& change : value_of(store_->changes_after(seq, 100'000)))
      out += change.kind == ChangeKind::remove;
    return out;
  }
};
OVER_ALL_STORES(StoreTrim);

TEST_P(StoreTrim, ManyDeletionsAreForgottenUpToTheNumber) {
  write_and_delete();
  EXPECT_EQ(removals(), 5'000U);
  ASSERT_TRUE(store_->trim_changes(6));
  EXPECT_EQ(removals(), 4'000U);
  ASSERT_TRUE(store_->trim_changes(6)) << "again is harmless";
  EXPECT_EQ(removals(6), 4'000U) << "what comes after the number is all there";
  ASSERT_TRUE(store_->trim_changes(9));
  EXPECT_EQ(removals(), 1'000U);
  ASSERT_TRUE(store_->trim_changes(10));
  EXPECT_EQ(removals(), 0U);
  reopen();
  for (int batch = 0; batch < batches; ++batch) {
    const auto again = done(commit_of(id_of(batch, 7), "y"));
    EXPECT_EQ(again.version, 2U) << "versions go on";
    EXPECT_EQ(again.epoch, 3U);
  }
  expect_no_findings();
}

TEST_P(StoreTrim, AllGoInOneCallAndWritersGoOnMeanwhile) {
  write_and_delete();
  std::atomic<bool> trimmed{false};
  std::jthread trimmer([&] {
    EXPECT_TRUE(store_->trim_changes(10));
    trimmed = true;
  });
  std::uint64_t versions = 0;
  for (bool last = false; !last;) { // once after the end too
    last = trimmed;
    const auto written = done(commit_of("0-0", std::to_string(versions)));
    EXPECT_EQ(written.version, 2 + versions++);
  }
  EXPECT_EQ(removals(), 0U);
  expect_no_findings();
}

TEST_P(StoreTrim, DropsGoToo) {
  std::vector<WriteOp> ops;
  for (int i = 0; i < 3; ++i) ops.push_back(CreateCollectionOp{"c" + std::to_string(i)});
  write_all(ops);
  for (int i = 0; i < 3; ++i) done(DropCollectionOp{"c" + std::to_string(i)});
  const auto drops = [&] {
    std::size_t out = 0;
    for (const auto& change : value_of(store_->changes_after(0, 100)))
      out += change.kind == ChangeKind::drop_collection;
    return out;
  };
  EXPECT_EQ(drops(), 3U);
  ASSERT_TRUE(store_->trim_changes(3));
  EXPECT_EQ(drops(), 1U);
  ASSERT_TRUE(store_->trim_changes(4));
  EXPECT_EQ(drops(), 0U);
  expect_no_findings();
}

} // namespace
} // namespace graphrag::runtime
