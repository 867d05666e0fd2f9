// The life of an accepted version: claims, fences, attempts, failures, retries, cancels.
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreClaim : public StoreTest {};
OVER_ALL_STORES(StoreClaim);

TEST_P(StoreClaim, AnAcceptedVersionIsDurableButNotSeen) {
  auto summary = write_all({accept_of("a", "text")});
  const auto& result = summary.results[0];
  EXPECT_EQ(result.outcome, Outcome::accepted);
  EXPECT_EQ(result.version, 1U);
  EXPECT_EQ(result.live_version, 0U);
  EXPECT_EQ(result.epoch, 1U);
  EXPECT_EQ(result.seq, 0U);
  EXPECT_EQ(summary.seq, summary.previous_seq);
  reopen();
  EXPECT_EQ(record("a").state, DocumentState::queued);
  EXPECT_EQ(text("a"), "not_found");
  EXPECT_TRUE(store_->changes_after(0, 10)->empty());
  auto queued = store_->claimable(10, 10);
  ASSERT_EQ(queued->size(), 1U);
  EXPECT_EQ((*queued)[0].key.id, "a");
}

TEST_P(StoreClaim, AnAcceptedVersionMayHaveAnOwnerFromTheStart) {
  done(AcceptOp{input_of("a", "one"), "0:me"});
  EXPECT_EQ(store_->document(key_of("a"))->owner, "0:me");
  const std::vector<std::string> me{"0:me"};
  EXPECT_TRUE(store_->claimable(10, 10, me)->empty());
  const auto free = store_->claimable(10, 10);
  ASSERT_EQ(free->size(), 1U);
  done(ClaimOp{key_of("a"), free->front().epoch, "1:you"});
  EXPECT_EQ(store_->document(key_of("a"))->owner, "1:you");
  done(AcceptOp{input_of("a", "two")});
  EXPECT_EQ(store_->document(key_of("a"))->owner, "") << "of another version";
}

TEST_P(StoreClaim, TheClaimedCommitFinishesTheAcceptedVersion) {
  auto claim = done(accept_of("a", "text")).epoch;
  auto result = done(claimed(commit_of("a", "text"), claim));
  EXPECT_EQ(result.outcome, Outcome::created);
  EXPECT_EQ(result.version, 1U);
  EXPECT_EQ(result.live_version, 1U);
  EXPECT_EQ(result.epoch, claim + 1);
  EXPECT_FALSE(result.differs_from_input);
  EXPECT_EQ(text("a"), "text");
  EXPECT_TRUE(store_->claimable(10, 10)->empty());
  EXPECT_EQ(refused(claimed(commit_of("a", "text"), claim)), Errc::stale_epoch);
}

TEST_P(StoreClaim, TheClaimedCommitKeepsWhatTheClientSaid) {
  auto accepted = accept_of("a", "text");
  accepted.input.title.clear();
  accepted.input.blob = "b1";
  auto claim = done(accepted).epoch;
  CommitOp op = claimed(commit_of("a", "text"), claim);
  op.input = {};
  op.input.key = key_of("a");
  op.input.title = "Found in the text";
  op.input.mime = "application/pdf";
  auto result = done(op);
  auto found = record("a");
  EXPECT_TRUE(result.differs_from_input);
  EXPECT_EQ(found.title, "Found in the text");
  EXPECT_EQ(found.mime, "application/pdf");
  EXPECT_EQ(found.filename, "a.txt");
  EXPECT_EQ(found.content_hash, "hash-text");
  EXPECT_EQ(found.blob, "b1");
  EXPECT_EQ(found.bytes, 4U);
}

TEST_P(StoreClaim, SameContentAsAQueuedOrLiveVersionIsUnchanged) {
  auto claim = done(accept_of("a", "text")).epoch;
  EXPECT_EQ(done(accept_of("a", "text")).outcome, Outcome::unchanged);
  EXPECT_EQ(done(commit_of("a", "text")).outcome, Outcome::unchanged);
  EXPECT_EQ(record("a").state, DocumentState::queued);
  done(claimed(commit_of("a", "text"), claim));
  EXPECT_EQ(done(accept_of("a", "text")).outcome, Outcome::unchanged);
}

TEST_P(StoreClaim, TheLiveVersionIsShownUntilTheNewOneIsCommitted) {
  done(commit_of("a", "old"));
  auto accepted = accept_of("a", "new");
  accepted.input.title = "New title";
  auto result = done(accepted);
  EXPECT_EQ(result.version, 2U);
  EXPECT_EQ(result.live_version, 1U);
  auto live = content("a");
  EXPECT_EQ(live.text, "old");
  EXPECT_EQ(live.record.title, "Title of a");
  EXPECT_EQ(live.record.content_hash, "hash-old");
  EXPECT_EQ(live.record.version, 1U);
  EXPECT_EQ(live.record.state, DocumentState::searchable);
  EXPECT_EQ(live.record.epoch, result.epoch);
  EXPECT_EQ(record("a").title, "New title");
  EXPECT_EQ(record("a").chunk_count, 1U);
  done(claimed(commit_of("a", "new"), result.epoch));
  EXPECT_EQ(content("a").record.title, "New title");
}

TEST_P(StoreClaim, ReplacingAQueuedVersionFencesItsWorker) {
  auto first = done(accept_of("a", "one")).epoch;
  auto second = done(accept_of("a", "two"));
  EXPECT_EQ(second.version, 2U);
  EXPECT_GT(second.epoch, first);
  EXPECT_EQ(refused(claimed(commit_of("a", "one"), first)), Errc::stale_epoch);
  EXPECT_EQ(refused(ClaimOp{key_of("a"), first, "0:me"}), Errc::stale_epoch);
  EXPECT_EQ(refused(FailOp{key_of("a"), first, {"c", "d"}}), Errc::stale_epoch);
  done(claimed(commit_of("a", "two"), second.epoch));
  EXPECT_EQ(text("a"), "two");
}

TEST_P(StoreClaim, ACommitWithoutClaimSupersedesAQueuedVersion) {
  auto claim = done(accept_of("a", "queued")).epoch;
  auto result = done(commit_of("a", "direct"));
  EXPECT_EQ(result.version, 2U);
  EXPECT_EQ(result.outcome, Outcome::created) << "nothing was live before";
  EXPECT_EQ(refused(claimed(commit_of("a", "queued"), claim)), Errc::stale_epoch);
  EXPECT_EQ(text("a"), "direct");
}

TEST_P(StoreClaim, AttemptsCountUntilTheVersionIsDone) {
  auto claim = done(accept_of("a", "text")).epoch;
  claim = done(ClaimOp{key_of("a"), claim, "0:me"}).epoch;
  claim = done(ClaimOp{key_of("a"), claim, "0:me"}).epoch;
  reopen();
  EXPECT_EQ(record("a").attempts, 2U);
  EXPECT_EQ(record("a").epoch, claim);
  done(claimed(commit_of("a", "text"), claim));
  EXPECT_EQ(record("a").attempts, 0U);
}

TEST_P(StoreClaim, AFailureIsKeptWithItsReason) {
  done(commit_of("a", "old"));
  auto claim = done(accept_of("a", "new")).epoch;
  auto summary = write_all({FailOp{key_of("a"), claim, {"no_text_layer", "scanned", true}}});
  EXPECT_FALSE(summary.results[0].error);
  EXPECT_EQ(summary.seq, summary.previous_seq);
  reopen();
  auto found = record("a");
  EXPECT_EQ(found.state, DocumentState::failed);
  ASSERT_TRUE(found.error);
  EXPECT_EQ(found.error->code, "no_text_layer");
  EXPECT_EQ(found.error->detail, "scanned");
  EXPECT_TRUE(found.error->retryable);
  EXPECT_EQ(text("a"), "old");
  EXPECT_FALSE(content("a").record.error);
  EXPECT_EQ(refused(FailOp{key_of("a"), claim, {"again", ""}}), Errc::conflict);
  EXPECT_EQ(refused(claimed(commit_of("a", "new"), claim)), Errc::conflict);
  EXPECT_EQ(refused(ClaimOp{key_of("a"), claim, "0:me"}), Errc::conflict);
}

TEST_P(StoreClaim, AFailedVersionIsNotUnchanged) {
  auto claim = done(accept_of("a", "text")).epoch;
  done(FailOp{key_of("a"), claim, {"c", "d"}});
  auto again = done(accept_of("a", "text"));
  EXPECT_EQ(again.outcome, Outcome::accepted);
  EXPECT_EQ(again.version, 2U);
  EXPECT_FALSE(record("a").error);
}

TEST_P(StoreClaim, RetryQueuesAFailedOrCanceledVersionAgain) {
  auto claim = done(accept_of("a", "text")).epoch;
  EXPECT_EQ(refused(RetryOp{key_of("a")}), Errc::conflict);
  claim = done(ClaimOp{key_of("a"), claim, "0:me"}).epoch;
  done(FailOp{key_of("a"), claim, {"c", "d"}});
  auto result = done(RetryOp{key_of("a")});
  EXPECT_EQ(result.epoch, claim + 1);
  EXPECT_EQ(result.version, 1U);
  auto found = record("a");
  EXPECT_EQ(found.state, DocumentState::queued);
  EXPECT_EQ(found.attempts, 0U);
  EXPECT_FALSE(found.error);
  done(CancelOp{key_of("a")});
  done(RetryOp{key_of("a")});
  EXPECT_EQ(record("a").state, DocumentState::queued);
  EXPECT_EQ(record("a").epoch, claim + 3);
  done(commit_of("b", "live"));
  EXPECT_EQ(refused(RetryOp{key_of("b")}), Errc::conflict);
  EXPECT_EQ(refused(RetryOp{key_of("nobody")}), Errc::not_found);
}

TEST_P(StoreClaim, CancelStopsOnlyQueuedWork) {
  done(commit_of("a", "old"));
  EXPECT_EQ(refused(CancelOp{key_of("a")}), Errc::conflict);
  EXPECT_EQ(refused(CancelOp{key_of("nobody")}), Errc::not_found);
  auto claim = done(accept_of("a", "new")).epoch;
  EXPECT_EQ(done(CancelOp{key_of("a")}).epoch, claim + 1);
  EXPECT_EQ(record("a").state, DocumentState::canceled);
  EXPECT_EQ(text("a"), "old");
  EXPECT_EQ(refused(claimed(commit_of("a", "new"), claim)), Errc::stale_epoch);
  EXPECT_TRUE(store_->claimable(10, 10)->empty());
}

TEST_P(StoreClaim, ADeletedDocumentFencesItsWorker) {
  auto claim = done(accept_of("a", "text")).epoch;
  done(DeleteOp{key_of("a")});
  EXPECT_EQ(refused(claimed(commit_of("a", "text"), claim)), Errc::stale_epoch);
  EXPECT_EQ(refused(ClaimOp{key_of("a"), claim, "0:me"}), Errc::stale_epoch);
  EXPECT_EQ(refused(FailOp{key_of("a"), claim, {"c", "d"}}), Errc::stale_epoch);
  auto again = done(accept_of("a", "text"));
  EXPECT_GT(again.epoch, claim);
  EXPECT_EQ(refused(claimed(commit_of("a", "text"), claim)), Errc::stale_epoch);
}

TEST_P(StoreClaim, AcceptObeysIfMatch) {
  auto op = accept_of("a", "x");
  op.input.if_match = 1;
  EXPECT_EQ(refused(op), Errc::precondition_failed);
  done(accept_of("a", "x"));
  auto next = accept_of("a", "y");
  next.input.if_match = 1;
  EXPECT_EQ(done(next).version, 2U);
  next = accept_of("a", "z");
  next.input.if_match = 1;
  EXPECT_EQ(refused(next), Errc::precondition_failed);
}

TEST_P(StoreClaim, ClaimableComesOldestFirstUpToTheLimit) {
  for (const char* id : {"c", "a", "b"}) {
    done(accept_of(id, "text"));
    clock_->advance(std::chrono::milliseconds(5));
  }
  auto two = store_->claimable(10, 2);
  ASSERT_EQ(two->size(), 2U);
  EXPECT_EQ((*two)[0].key.id, "c");
  EXPECT_EQ((*two)[1].key.id, "a");
}

} // namespace
} // namespace graphrag::runtime
