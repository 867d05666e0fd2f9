// Patch and delete; sequence numbers; the list of changes; scans.
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreChange : public StoreTest {
protected:
  // The changes after `seq` as "seq kind key", for short assertions.
  std::vector<std::string> changes(std::uint64_t seq = 0, std::size_t limit = 100) {
    static constexpr const char* kinds[] = {"commit", "patch", "remove", "drop", "create"};
    std::vector<std::string> out;
    auto found = store_->changes_after(seq, limit);
    EXPECT_TRUE(found);
    for (const auto& change : *found)
      out.push_back(std::to_string(change.seq) + " " + kinds[static_cast<int>(change.kind)] + " " +
                    change.key.collection + "/" + change.key.id);
    return out;
  }
  using Lines = std::vector<std::string>;
};
OVER_ALL_STORES(StoreChange);

TEST_P(StoreChange, PatchChangesTitleAndMetadataOfALiveDocument) {
  done(commit_of("a", "text"));
  auto result = done(PatchOp{key_of("a"), "New", R"({"x":1})", std::nullopt});
  EXPECT_EQ(result.version, 2U);
  EXPECT_EQ(result.live_version, 2U);
  EXPECT_EQ(result.epoch, 1U);
  EXPECT_EQ(result.seq, 2U);
  auto live = content("a");
  EXPECT_EQ(live.record.title, "New");
  EXPECT_EQ(live.record.metadata, R"({"x":1})");
  EXPECT_EQ(live.record.version, 2U);
  EXPECT_EQ(live.text, "text");
  EXPECT_EQ(live.chunks.size(), 1U);
  EXPECT_EQ(changes(), Lines{"2 patch default/a"});
  expect_no_findings();
}

TEST_P(StoreChange, PatchOfWhatIsSoAlreadyIsUnchanged) {
  done(commit_of("a", "text"));
  auto result = done(PatchOp{key_of("a"), "Title of a", std::nullopt, std::nullopt});
  EXPECT_EQ(result.outcome, Outcome::unchanged);
  EXPECT_EQ(result.version, 1U);
}

TEST_P(StoreChange, PatchOfAQueuedVersionLeavesItsClaimAndWins) {
  done(commit_of("a", "old"));
  auto claim = done(accept_of("a", "new")).epoch;
  auto patched = done(PatchOp{key_of("a"), "Patched", R"({"p":1})", 2});
  EXPECT_EQ(patched.version, 3U);
  EXPECT_EQ(patched.live_version, 1U);
  EXPECT_EQ(patched.seq, 0U);
  EXPECT_EQ(content("a").record.title, "Title of a");
  auto result = done(claimed(commit_of("a", "new"), claim));
  EXPECT_EQ(result.live_version, 3U);
  EXPECT_TRUE(result.differs_from_input);
  auto live = content("a");
  EXPECT_EQ(live.record.title, "Patched");
  EXPECT_EQ(live.record.metadata, R"({"p":1})");
  EXPECT_EQ(live.text, "new");
}

TEST_P(StoreChange, PatchIsRefusedForNobodyOrAnotherVersion) {
  EXPECT_EQ(refused(PatchOp{key_of("a"), "New", {}, {}}), Errc::not_found);
  done(commit_of("a", "text"));
  EXPECT_EQ(refused(PatchOp{key_of("a"), "New", {}, 9}), Errc::precondition_failed);
  EXPECT_EQ(refused(PatchOp{key_of("a"), "\xff", {}, {}}), Errc::invalid_argument);
  EXPECT_EQ(record("a").title, "Title of a");
}

TEST_P(StoreChange, DeleteRemovesEverythingAtOneNumber) {
  done(commit_of("a", "text"));
  done(commit_of("b", "text b"));
  auto result = done(DeleteOp{key_of("a")});
  EXPECT_EQ(result.seq, 3U);
  EXPECT_EQ(result.live_version, 0U);
  EXPECT_FALSE(store_->document(key_of("a")));
  EXPECT_EQ(text("a"), "not_found");
  EXPECT_EQ(store_->list({"default"})->total, 1U);
  EXPECT_EQ(changes(), (Lines{"2 commit default/b", "3 remove default/a"}));
  EXPECT_EQ(refused(DeleteOp{key_of("a")}), Errc::not_found);
  expect_no_findings();
}

TEST_P(StoreChange, DeleteObeysIfMatch) {
  done(commit_of("a", "text"));
  EXPECT_EQ(refused(DeleteOp{key_of("a"), 2}), Errc::precondition_failed);
  done(DeleteOp{key_of("a"), 1});
}

TEST_P(StoreChange, DeleteOfWhatWasNeverSeenTakesNoNumber) {
  done(accept_of("a", "text"));
  EXPECT_EQ(done(DeleteOp{key_of("a")}).seq, 0U);
  EXPECT_TRUE(changes().empty());
  EXPECT_EQ(*store_->last_seq(), 0U);
}

TEST_P(StoreChange, VersionAndEpochGoOnAfterADelete) {
  done(commit_of("a", "one"));
  done(commit_of("a", "two"));
  done(DeleteOp{key_of("a")});
  auto again = done(commit_of("a", "three"));
  EXPECT_EQ(again.outcome, Outcome::created);
  EXPECT_EQ(again.version, 3U);
  EXPECT_EQ(again.epoch, 4U);
  done(DeleteOp{key_of("a")});
  ASSERT_TRUE(store_->trim_changes(*store_->last_seq()));
  reopen();
  again = done(commit_of("a", "four"));
  EXPECT_EQ(again.version, 4U);
  EXPECT_EQ(again.epoch, 6U);
  EXPECT_EQ(done(commit_of("other", "x")).version, 1U);
}

TEST_P(StoreChange, EachVisibleBatchTakesOneNumber) {
  EXPECT_EQ(*store_->last_seq(), 0U);
  auto first = write_all({commit_of("a", "1"), commit_of("b", "2"), accept_of("c", "3")});
  EXPECT_EQ(first.previous_seq, 0U);
  EXPECT_EQ(first.seq, 1U);
  EXPECT_EQ(first.results[0].seq, 1U);
  EXPECT_EQ(first.results[1].seq, 1U);
  EXPECT_EQ(first.results[2].seq, 0U);
  auto invisible = write_all({accept_of("d", "4"), CancelOp{key_of("d")}});
  EXPECT_EQ(invisible.previous_seq, 1U);
  EXPECT_EQ(invisible.seq, 1U);
  reopen();
  EXPECT_EQ(*store_->last_seq(), 1U);
  auto second = write_all({commit_of("a", "5")});
  EXPECT_EQ(second.previous_seq, 1U);
  EXPECT_EQ(second.seq, 2U);
  EXPECT_EQ(write_all({}).seq, 2U);
}

TEST_P(StoreChange, ChangesAreTheLastOfEachKeyOldestFirst) {
  done(commit_of("a", "1"));
  done(commit_of("b", "2"));
  done(commit_of("a", "3"));
  done(commit_of("c", "4"));
  done(DeleteOp{key_of("b")});
  EXPECT_EQ(changes(), (Lines{"3 commit default/a", "4 commit default/c", "5 remove default/b"}));
  EXPECT_EQ(changes(3), (Lines{"4 commit default/c", "5 remove default/b"}));
  EXPECT_EQ(changes(0, 2), (Lines{"3 commit default/a", "4 commit default/c"}));
  EXPECT_TRUE(changes(5).empty());
  done(commit_of("b", "again"));
  EXPECT_EQ(changes(4), Lines{"6 commit default/b"});
}

TEST_P(StoreChange, ASequenceNumberIsNeverCut) {
  write_all({commit_of("a", "1"), commit_of("b", "2"), commit_of("c", "3")});
  write_all({commit_of("d", "4"), commit_of("e", "5")});
  EXPECT_EQ(changes(0, 2).size(), 3U);
  EXPECT_EQ(changes(0, 3).size(), 3U);
  EXPECT_EQ(changes(0, 4).size(), 5U);
}

TEST_P(StoreChange, ADeleteAndACommitInOneBatch) {
  done(commit_of("a", "1"));
  write_all({DeleteOp{key_of("a")}, commit_of("a", "2")});
  EXPECT_EQ(changes(), Lines{"2 commit default/a"});
  write_all({commit_of("a", "3"), DeleteOp{key_of("a")}});
  EXPECT_EQ(changes(), Lines{"3 remove default/a"});
  write_all({commit_of("b", "x"), DeleteOp{key_of("b")}});
  EXPECT_EQ(changes(3), Lines{"4 remove default/b"});
  expect_no_findings();
}

TEST_P(StoreChange, AQueuedSuccessorDoesNotHideADeletion) {
  done(commit_of("a", "1"));
  done(DeleteOp{key_of("a")});
  auto claim = done(accept_of("a", "2")).epoch;
  EXPECT_EQ(changes(), Lines{"2 remove default/a"});
  done(DeleteOp{key_of("a")});
  EXPECT_EQ(changes(), Lines{"2 remove default/a"});
  EXPECT_GT(done(accept_of("a", "3")).epoch, claim);
}

TEST_P(StoreChange, TrimForgetsDeletionsOnly) {
  done(commit_of("a", "1"));
  done(commit_of("b", "2"));
  done(DeleteOp{key_of("a")});
  ASSERT_TRUE(store_->trim_changes(2));
  EXPECT_EQ(changes(), (Lines{"2 commit default/b", "3 remove default/a"}));
  ASSERT_TRUE(store_->trim_changes(3));
  EXPECT_EQ(changes(), Lines{"2 commit default/b"});
  EXPECT_EQ(*store_->last_seq(), 3U);
  expect_no_findings();
}

} // namespace
} // namespace graphrag::runtime
