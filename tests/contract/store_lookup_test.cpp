// Look-ups beside documents: uploads, chunks, jobs, remembered replies, backlog, blobs.
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreLookup : public StoreTest {
protected:
  using Names = std::vector<std::string>;

  CommitOp with_blob(const std::string& id, const std::string& content, const std::string& blob) {
    auto op = commit_of(id, content);
    op.input.blob = blob;
    return op;
  }
  AcceptOp accept_with_blob(const std::string& id, const std::string& content,
                            const std::string& blob) {
    auto op = accept_of(id, content);
    op.input.blob = blob;
    return op;
  }
  Names blobs() { return *store_->blobs(); }
};
OVER_ALL_STORES(StoreLookup);

TEST_P(StoreLookup, AnUploadIsFoundByFileNameAndHash) {
  auto id = make_document_id();
  auto op = accept_of(id, "text");
  op.input.filename = "report.pdf";
  done(op);
  auto named = commit_of("named-by-client", "text");
  named.input.filename = "report.pdf";
  done(named);
  auto found = store_->find_upload("default", "report.pdf", "hash-text");
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->key.id, id);
  EXPECT_FALSE(store_->find_upload("default", "other.pdf", "hash-text"));
  EXPECT_FALSE(store_->find_upload("default", "report.pdf", "hash-other"));
  EXPECT_FALSE(store_->find_upload("nowhere", "report.pdf", "hash-text"));
  done(DeleteOp{key_of(id)});
  EXPECT_EQ(store_->find_upload("default", "report.pdf", "hash-text").error().code,
            Errc::not_found);
}

TEST_P(StoreLookup, TheOwnerOfAChunkIsItsLiveDocument) {
  auto op = commit_of("a", "text");
  auto chunk = op.chunks[0].id;
  EXPECT_EQ(store_->chunk_owner("default", chunk).error().code, Errc::not_found);
  done(op);
  EXPECT_EQ(store_->chunk_owner("default", chunk)->id, "a");
  EXPECT_FALSE(store_->chunk_owner("nowhere", chunk));
  done(commit_of("a", "other"));
  EXPECT_FALSE(store_->chunk_owner("default", chunk));
  done(DeleteOp{key_of("a")});
  EXPECT_FALSE(store_->chunk_owner("default", commit_of("a", "other").chunks[0].id));
}

TEST_P(StoreLookup, JobsAreSavedOverAndListedNewestFirst) {
  done(SaveJobOp{"j1", "default", "bulk", "running", "{\"n\":1}", 10});
  done(SaveJobOp{"j2", "default", "delete", "running", "{}", 20});
  done(SaveJobOp{"j1", "default", "bulk", "done", "{\"n\":2}", 30});
  reopen();
  auto job = store_->job("j1");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->state, "done");
  EXPECT_EQ(job->body, "{\"n\":2}");
  EXPECT_EQ(job->kind, "bulk");
  EXPECT_EQ(job->collection, "default");
  EXPECT_EQ(job->updated_ms, 30);
  auto jobs = store_->jobs(10);
  ASSERT_EQ(jobs->size(), 2U);
  EXPECT_EQ((*jobs)[0].id, "j1");
  EXPECT_EQ(store_->jobs(1)->size(), 1U);
  EXPECT_EQ(store_->job("j3").error().code, Errc::not_found);
  EXPECT_EQ(refused(SaveJobOp{"j3", "nowhere", "k", "s", "{}", 1}), Errc::not_found);
  EXPECT_EQ(*store_->last_seq(), 0U);
}

TEST_P(StoreLookup, ARemovedJobIsGoneAndNoOther) {
  done(SaveJobOp{"j1", "default", "bulk", "done", "{}", 10});
  done(SaveJobOp{"j2", "default", "bulk", "done", "{}", 20});
  EXPECT_EQ(done(RemoveJobOp{"j1"}).outcome, Outcome::done);
  EXPECT_EQ(done(RemoveJobOp{"j1"}).outcome, Outcome::unchanged);
  reopen();
  EXPECT_EQ(store_->job("j1").error().code, Errc::not_found);
  EXPECT_TRUE(store_->job("j2"));
  EXPECT_EQ(refused(RemoveJobOp{""}), Errc::invalid_argument);
}

TEST_P(StoreLookup, AReplyIsRememberedUntilItExpires) {
  done(RememberReplyOp{"default", "key", "print", 201, std::string("\0body", 5), 1000});
  reopen();
  auto reply = store_->remembered("default", "key", 999);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->fingerprint, "print");
  EXPECT_EQ(reply->status, 201);
  EXPECT_EQ(reply->body, std::string("\0body", 5));
  EXPECT_EQ(store_->remembered("default", "key", 1000).error().code, Errc::not_found);
  EXPECT_FALSE(store_->remembered("default", "other", 0));
  EXPECT_FALSE(store_->remembered("nowhere", "key", 0));
}

TEST_P(StoreLookup, TheFirstReplyStaysUntilItExpires) {
  done(RememberReplyOp{"default", "key", "print", 201, "first", 1000});
  EXPECT_EQ(done(RememberReplyOp{"default", "key", "print", 200, "second", 9000}).outcome,
            Outcome::unchanged);
  EXPECT_EQ(refused(RememberReplyOp{"default", "key", "other", 200, "third", 9000}),
            Errc::conflict);
  EXPECT_EQ(store_->remembered("default", "key", 500)->body, "first");
  EXPECT_FALSE(store_->remembered("default", "key", 2000));
  done(RememberReplyOp{"default", "key", "other", 200, "fourth", 9000});
  EXPECT_EQ(store_->remembered("default", "key", 2000)->body, "fourth");
}

TEST_P(StoreLookup, AReplyIsWrittenWithItsBatch) {
  auto summary =
      write_all({commit_of("a", "x"), RememberReplyOp{"default", "k", "f", 201, "b", 99}});
  EXPECT_FALSE(summary.results[1].error);
  EXPECT_EQ(summary.results[1].seq, 0U);
  EXPECT_TRUE(store_->remembered("default", "k", 1));
}

TEST_P(StoreLookup, BacklogCountsWhatWaitsAndWhatFailed) {
  done(CreateCollectionOp{"news"});
  auto oldest = clock_->wall_ms();
  done(accept_of("a", "x"));
  clock_->advance(std::chrono::milliseconds(7));
  done(accept_of("b", "x"));
  done(commit_of("c", "x"));
  auto epoch = done(accept_of("d", "x", "news")).epoch;
  done(FailOp{{"news", "d"}, epoch, {"c", "d"}});
  auto backlog = store_->backlog();
  ASSERT_EQ(backlog->size(), 2U);
  EXPECT_EQ((*backlog)[0].collection, "default");
  EXPECT_EQ((*backlog)[0].queued, 2U);
  EXPECT_EQ((*backlog)[0].failed, 0U);
  EXPECT_EQ((*backlog)[0].oldest_ms, oldest);
  EXPECT_EQ((*backlog)[1].collection, "news");
  EXPECT_EQ((*backlog)[1].queued, 0U);
  EXPECT_EQ((*backlog)[1].failed, 1U);
  EXPECT_EQ((*backlog)[1].oldest_ms, 0);
}

TEST_P(StoreLookup, BlobsAreThoseThatARowNames) {
  done(with_blob("a", "one", "blob1"));
  done(accept_with_blob("a", "two", "blob2"));
  done(with_blob("b", "no blob", ""));
  EXPECT_EQ(blobs(), (Names{"blob1", "blob2"}));
  EXPECT_EQ(content("a").record.blob, "blob1");
}

TEST_P(StoreLookup, AReplacedBlobIsHandedBack) {
  EXPECT_EQ(done(with_blob("a", "one", "blob1")).blob_to_drop, "");
  EXPECT_EQ(done(with_blob("a", "two", "blob2")).blob_to_drop, "blob1");
  auto queued = done(accept_with_blob("a", "three", "blob3"));
  EXPECT_EQ(queued.blob_to_drop, "") << "the live version still names its blob";
  queued = done(accept_with_blob("a", "four", "blob4"));
  EXPECT_EQ(queued.blob_to_drop, "blob3");
  EXPECT_EQ(done(claimed(commit_of("a", "four"), queued.epoch)).blob_to_drop, "blob2");
  EXPECT_EQ(done(DeleteOp{key_of("a")}).blob_to_drop, "blob4");
  EXPECT_TRUE(blobs().empty());
}

TEST_P(StoreLookup, TheBlobOfAnUnchangedWriteIsHandedBack) {
  done(with_blob("a", "one", "blob1"));
  EXPECT_EQ(done(with_blob("a", "one", "blob2")).blob_to_drop, "blob2");
  EXPECT_EQ(done(with_blob("a", "one", "blob1")).blob_to_drop, "");
  EXPECT_EQ(done(accept_with_blob("a", "one", "blob3")).blob_to_drop, "blob3");
  EXPECT_EQ(blobs(), Names{"blob1"});
}

TEST_P(StoreLookup, ABlobThatAnotherRowNamesIsKept) {
  done(with_blob("a", "one", "shared"));
  done(with_blob("b", "one", "shared"));
  EXPECT_EQ(done(DeleteOp{key_of("a")}).blob_to_drop, "");
  EXPECT_EQ(done(DeleteOp{key_of("b")}).blob_to_drop, "shared");
}

} // namespace
} // namespace graphrag::runtime
