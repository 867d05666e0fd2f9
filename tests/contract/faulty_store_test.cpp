// The decorator that other tests inject failures with must itself fail exactly as planned.
#include "runtime/store/faulty_store.hpp"

#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class FaultyStoreTest : public testing::Test {
protected:
  Result<WriteSummary> commit(const std::string& id) {
    return store_.write(std::vector<WriteOp>{commit_of(id, "text")});
  }
  std::shared_ptr<Store> inner_ = make_memory_store();
  FaultyStore store_{inner_};
};

TEST_F(FaultyStoreTest, PassesEverythingOnWhenNothingIsPlanned) {
  EXPECT_TRUE(commit("a"));
  EXPECT_EQ(store_.content(key_of("a"))->text, "text");
  EXPECT_EQ(store_.list({"default"})->total, 1U);
  EXPECT_EQ(*store_.last_seq(), 1U);
  EXPECT_EQ(store_.writes(), 1U);
}

TEST_F(FaultyStoreTest, AFailureBeforeTheCommitChangesNothing) {
  store_.fail_writes(Errc::io, FaultPoint::before_commit, 2);
  EXPECT_EQ(commit("a").error().code, Errc::io);
  EXPECT_EQ(commit("a").error().code, Errc::io);
  EXPECT_FALSE(inner_->document(key_of("a")));
  EXPECT_TRUE(commit("a"));
  EXPECT_EQ(store_.writes(), 3U);
}

TEST_F(FaultyStoreTest, AFailureAfterTheCommitIsDurableAllTheSame) {
  store_.fail_writes(Errc::unavailable, FaultPoint::after_commit);
  EXPECT_EQ(commit("a").error().code, Errc::unavailable);
  EXPECT_TRUE(inner_->document(key_of("a")));
}

TEST_F(FaultyStoreTest, AFullStoreRefusesUntilSpaceReturns) {
  store_.set_full(true);
  EXPECT_EQ(commit("a").error().code, Errc::no_space);
  EXPECT_EQ(commit("a").error().code, Errc::no_space);
  EXPECT_EQ(store_.document(key_of("a")).error().code, Errc::not_found) << "reads go on";
  store_.set_full(false);
  EXPECT_TRUE(commit("a"));
}

TEST_F(FaultyStoreTest, ReadsFailAsPlanned) {
  ASSERT_TRUE(commit("a"));
  store_.fail_reads(Errc::unavailable, 1);
  EXPECT_EQ(store_.content(key_of("a")).error().code, Errc::unavailable);
  EXPECT_TRUE(store_.content(key_of("a")));
}

TEST_F(FaultyStoreTest, HooksRunBeforeTheCall) {
  bool there_already = true;
  store_.set_write_hook([&](std::span<const WriteOp> ops) {
    EXPECT_EQ(ops.size(), 1U);
    there_already = inner_->document(key_of("a")).has_value();
  });
  ASSERT_TRUE(commit("a"));
  EXPECT_FALSE(there_already);
  int reads = 0;
  store_.set_read_hook([&] { ++reads; });
  EXPECT_TRUE(store_.last_seq());
  EXPECT_EQ(reads, 1);
}

} // namespace
} // namespace graphrag::runtime
