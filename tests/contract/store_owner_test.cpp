// Who works on what: claims of queued documents and of jobs, and what there is to claim.
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreOwner : public StoreTest {
protected:
  std::vector<Claimable> claimable(std::size_t per_collection, std::size_t limit,
                                   const std::vector<std::string>& busy = {}) {
    return value_of(store_->claimable(per_collection, limit, busy));
  }
  std::vector<std::string> names(const std::vector<Claimable>& found) {
    std::vector<std::string> out;
    for (const auto& one : found) out.push_back(one.key.collection + "/" + one.key.id);
    return out;
  }
  std::uint64_t claim(const std::string& id, std::uint64_t epoch, const std::string& owner) {
    return done(ClaimOp{key_of(id), epoch, owner}).epoch;
  }
  std::string job_owner(const std::string& id) { return value_of(store_->job(id)).owner; }
};
OVER_ALL_STORES(StoreOwner);

using Names = std::vector<std::string>;

TEST_P(StoreOwner, AClaimNamesTheOwnerAndFencesWhoWorkedBefore) {
  auto accepted = done(accept_of("a", "text")).epoch;
  EXPECT_EQ(record("a").owner, "");
  clock_->advance(std::chrono::milliseconds(5));
  auto summary = write_all({ClaimOp{key_of("a"), accepted, "1:77"}});
  ASSERT_FALSE(summary.results[0].error);
  EXPECT_EQ(summary.results[0].epoch, accepted + 1);
  EXPECT_EQ(summary.seq, summary.previous_seq) << "queries see no difference";
  reopen();
  auto found = record("a");
  EXPECT_EQ(found.owner, "1:77");
  EXPECT_EQ(found.epoch, accepted + 1);
  EXPECT_EQ(found.attempts, 1U);
  EXPECT_EQ(found.state, DocumentState::queued);
  EXPECT_EQ(found.updated_ms, found.created_ms) << "it keeps its place in the queue";
  EXPECT_EQ(value_of(store_->claimable(10, 10)).at(0).owner, "1:77");
  EXPECT_EQ(refused(claimed(commit_of("a", "text"), accepted)), Errc::stale_epoch);
  EXPECT_EQ(refused(ClaimOp{key_of("a"), accepted, "2:5"}), Errc::stale_epoch);
  auto again = claim("a", accepted + 1, "2:5"); // the caller knows that 1:77 is gone
  EXPECT_EQ(refused(FailOp{key_of("a"), accepted + 1, {"c", "d"}}), Errc::stale_epoch);
  EXPECT_EQ(record("a").owner, "2:5");
  EXPECT_EQ(record("a").attempts, 2U);
  done(claimed(commit_of("a", "text"), again));
  EXPECT_EQ(text("a"), "text");
  EXPECT_EQ(record("a").owner, "");
  expect_no_findings();
}

TEST_P(StoreOwner, OnlyAQueuedDocumentIsClaimed) {
  auto live = done(commit_of("live", "text")).epoch;
  EXPECT_EQ(refused(ClaimOp{key_of("live"), live, "n"}), Errc::conflict);
  EXPECT_EQ(refused(ClaimOp{key_of("live"), live + 1, "n"}), Errc::stale_epoch);
  EXPECT_EQ(refused(ClaimOp{key_of("nobody"), 1, "n"}), Errc::stale_epoch);
  EXPECT_EQ(refused(ClaimOp{{"nowhere", "a"}, 1, "n"}), Errc::not_found);
  auto queued = done(accept_of("a", "text")).epoch;
  EXPECT_EQ(refused(ClaimOp{key_of("a"), queued, ""}), Errc::invalid_argument);
  EXPECT_EQ(refused(ClaimOp{key_of("a"), queued, "\xff"}), Errc::invalid_argument);
  done(CancelOp{key_of("a")});
  EXPECT_EQ(refused(ClaimOp{key_of("a"), queued + 1, "n"}), Errc::conflict);
}

TEST_P(StoreOwner, OfTwoClaimsInOneBatchTheFirstWins) {
  auto epoch = done(accept_of("a", "text")).epoch;
  auto summary = write_all({ClaimOp{key_of("a"), epoch, "one"}, ClaimOp{key_of("a"), epoch, "two"},
                            accept_of("b", "text"), ClaimOp{key_of("b"), 1, "three"}});
  EXPECT_FALSE(summary.results[0].error);
  ASSERT_TRUE(summary.results[1].error);
  EXPECT_EQ(summary.results[1].error->code, Errc::stale_epoch);
  EXPECT_EQ(record("a").owner, "one");
  EXPECT_EQ(record("b").owner, "three") << "accepted and claimed at once";
}

TEST_P(StoreOwner, WhateverEndsTheWorkClearsTheOwner) {
  auto owned = [&](const std::string& id) {
    done(accept_of(id, "text"));
    return claim(id, record(id).epoch, "n");
  };
  owned("accepted");
  done(accept_of("accepted", "newer"));
  EXPECT_EQ(record("accepted").owner, "");
  owned("committed");
  done(commit_of("committed", "directly"));
  EXPECT_EQ(record("committed").owner, "");
  done(FailOp{key_of("failed"), owned("failed"), {"c", "d"}});
  EXPECT_EQ(record("failed").owner, "");
  owned("canceled");
  done(CancelOp{key_of("canceled")});
  EXPECT_EQ(record("canceled").owner, "");
  done(RetryOp{key_of("canceled")});
  EXPECT_EQ(record("canceled").owner, "");
  owned("deleted");
  done(DeleteOp{key_of("deleted")});
  done(accept_of("deleted", "again"));
  EXPECT_EQ(record("deleted").owner, "");
}

TEST_P(StoreOwner, WhatDoesNotEndTheWorkLeavesTheOwner) {
  done(commit_of("a", "old"));
  done(accept_of("a", "new"));
  auto epoch = claim("a", record("a").epoch, "n");
  EXPECT_EQ(content("a").record.owner, "") << "nobody works on the live version";
  done(PatchOp{key_of("a"), "Title", std::nullopt, std::nullopt});
  EXPECT_EQ(done(accept_of("a", "new")).outcome, Outcome::accepted) << "its title differs";
  epoch = claim("a", record("a").epoch, "n");
  EXPECT_EQ(done(accept_of("a", "new")).outcome, Outcome::unchanged);
  EXPECT_EQ(record("a").owner, "n");
  done(claimed(commit_of("a", "new"), epoch));
}

TEST_P(StoreOwner, CollectionsTakeTurnsTheOldestFirst) {
  done(CreateCollectionOp{"big"});
  done(CreateCollectionOp{"small"});
  for (const auto& [id, collection] : std::vector<std::pair<std::string, std::string>>{
           {"3", "big"}, {"2", "big"}, {"1", "big"}, {"x", "small"}, {"y", "default"}}) {
    done(accept_of(id, "text", collection));
    clock_->advance(std::chrono::milliseconds(10));
  }
  done(commit_of("live", "text", "small"));
  EXPECT_EQ(names(claimable(9, 9)), (Names{"big/3", "small/x", "default/y", "big/2", "big/1"}));
  EXPECT_EQ(names(claimable(2, 9)), (Names{"big/3", "small/x", "default/y", "big/2"}));
  EXPECT_EQ(names(claimable(9, 2)), (Names{"big/3", "small/x"}));
  EXPECT_TRUE(claimable(0, 9).empty());
  EXPECT_TRUE(claimable(9, 0).empty());
  auto first = claimable(1, 1).at(0);
  auto stored = value_of(store_->document(first.key));
  EXPECT_EQ(first.epoch, stored.epoch);
  EXPECT_EQ(first.accepted_ms, stored.created_ms);
  EXPECT_EQ(first.owner, "");
  EXPECT_FALSE(write(ClaimOp{first.key, first.epoch, "n"}).error);
}

TEST_P(StoreOwner, DocumentsOfBusyOwnersAreLeftOut) {
  for (const char* id : {"a", "b", "c"}) {
    done(accept_of(id, "text"));
    clock_->advance(std::chrono::milliseconds(10));
  }
  claim("a", 1, "alive");
  claim("b", 1, "gone");
  auto all = claimable(9, 9);
  EXPECT_EQ(names(all), (Names{"default/a", "default/b", "default/c"}));
  EXPECT_EQ(all.at(0).owner, "alive");
  EXPECT_EQ(all.at(0).epoch, 2U);
  EXPECT_EQ(names(claimable(1, 9, {"alive"})), Names{"default/b"});
  EXPECT_EQ(names(claimable(9, 9, {"alive", "gone"})), Names{"default/c"});
}

TEST_P(StoreOwner, AJobChangesHandsByCompareAndSet) {
  done(SaveJobOp{"j", "default", "bulk", "running", "{}", 10});
  EXPECT_EQ(job_owner("j"), "");
  done(ClaimJobOp{"j", "", "one"});
  reopen();
  EXPECT_EQ(job_owner("j"), "one");
  EXPECT_EQ(value_of(store_->job("j")).updated_ms, 10);
  EXPECT_EQ(refused(ClaimJobOp{"j", "", "two"}), Errc::conflict);
  EXPECT_EQ(refused(ClaimJobOp{"j", "two", "three"}), Errc::conflict);
  done(ClaimJobOp{"j", "one", "two"});
  EXPECT_EQ(value_of(store_->jobs(10)).at(0).owner, "two");
  done(ClaimJobOp{"j", "two", ""});
  EXPECT_EQ(job_owner("j"), "");
  EXPECT_EQ(refused(ClaimJobOp{"none", "", "one"}), Errc::not_found);
  EXPECT_EQ(refused(ClaimJobOp{"", "", "one"}), Errc::invalid_argument);
  EXPECT_EQ(refused(ClaimJobOp{"j", "", "\xff"}), Errc::invalid_argument);
}

TEST_P(StoreOwner, AJobIsSavedByItsOwnerAlone) {
  auto save = [](const std::string& body, const std::string& owner) {
    return SaveJobOp{"j", "default", "bulk", "running", body, 10, owner};
  };
  EXPECT_EQ(refused(save("0", "one")), Errc::stale_epoch) << "there is no such job";
  write_all({save("1", ""), ClaimJobOp{"j", "", "one"}, save("2", "one")});
  EXPECT_EQ(value_of(store_->job("j")).body, "2");
  EXPECT_EQ(job_owner("j"), "one");
  EXPECT_EQ(refused(save("3", "two")), Errc::stale_epoch);
  done(save("4", "one"));
  done(save("5", "")); // as before there were owners
  EXPECT_EQ(value_of(store_->job("j")).body, "5");
  EXPECT_EQ(job_owner("j"), "one") << "a save does not change it";
  done(ClaimJobOp{"j", "one", "two"});
  EXPECT_EQ(refused(save("6", "one")), Errc::stale_epoch);
  done(RemoveJobOp{"j"});
  EXPECT_EQ(refused(save("7", "two")), Errc::stale_epoch) << "a removed job does not come back";
  write_all({save("8", ""), RemoveJobOp{"j"}, save("9", "")});
  EXPECT_EQ(job_owner("j"), "");
}

TEST_P(StoreOwner, AmongManyQueuedOnesTheBeginningIsFound) {
  std::vector<WriteOp> ops;
  for (int i = 0; i < 3'000; ++i) ops.push_back(accept_of(std::to_string(10'000 + i), "t"));
  done(accept_of("first", "text"));
  clock_->advance(std::chrono::milliseconds(1));
  write_all(std::move(ops));
  EXPECT_EQ(names(claimable(3, 9)), (Names{"default/first", "default/10000", "default/10001"}));
}

} // namespace
} // namespace graphrag::runtime
