// Commits without a claim: versions, what is unchanged, what is read back, what is refused.
#include <limits>

#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreCommit : public StoreTest {};
OVER_ALL_STORES(StoreCommit);

TEST_P(StoreCommit, FirstCommitCreatesVersionOne) {
  auto result = done(commit_of("a", "hello"));
  EXPECT_EQ(result.outcome, Outcome::created);
  EXPECT_EQ(result.version, 1U);
  EXPECT_EQ(result.live_version, 1U);
  EXPECT_EQ(result.epoch, 1U);
  EXPECT_EQ(result.chunk_count, 1U);
  EXPECT_EQ(result.entity_count, 2U);
  EXPECT_EQ(result.created_ms, clock_->wall_ms());
  auto found = record("a");
  EXPECT_EQ(found.state, DocumentState::searchable);
  EXPECT_EQ(found.title, "Title of a");
  EXPECT_EQ(found.filename, "a.txt");
  EXPECT_EQ(found.mime, "text/plain");
  EXPECT_EQ(found.metadata, "{}");
  EXPECT_EQ(found.content_hash, "hash-hello");
  EXPECT_EQ(found.bytes, 5U);
  EXPECT_EQ(found.seq, result.seq);
  EXPECT_EQ(found.chunk_count, 1U);
  EXPECT_FALSE(found.has_vector);
  EXPECT_FALSE(found.error);
}

TEST_P(StoreCommit, NewContentReplacesTheOldWhole) {
  done(commit_of("a", "one"));
  clock_->advance(std::chrono::seconds(1));
  auto second = commit_of("a", "second");
  second.chunks[0].end = 3;
  second.chunks.push_back({"another", 1, 3, 6, "more"});
  auto result = done(second);
  EXPECT_EQ(result.outcome, Outcome::replaced);
  EXPECT_EQ(result.version, 2U);
  EXPECT_EQ(result.epoch, 2U);
  auto live = content("a");
  EXPECT_EQ(live.text, "second");
  ASSERT_EQ(live.chunks.size(), 2U);
  EXPECT_EQ(live.chunks[0].facts, "facts of second");
  EXPECT_EQ(live.chunks[1].id, "another");
  EXPECT_EQ(live.chunks[1].index, 1U);
  EXPECT_EQ(live.chunks[1].start, 3U);
  EXPECT_EQ(live.chunks[1].end, 6U);
  EXPECT_EQ(live.record.version, 2U);
  auto found = record("a");
  EXPECT_EQ(found.created_ms + 1000, found.updated_ms);
  done(commit_of("a", "third, with fewer chunks again"));
  EXPECT_EQ(content("a").chunks.size(), 1U);
  expect_no_findings();
}

TEST_P(StoreCommit, SameContentIsUnchanged) {
  auto first = done(commit_of("a", "same"));
  auto summary = write_all({commit_of("a", "same")});
  EXPECT_EQ(summary.results[0].outcome, Outcome::unchanged);
  EXPECT_EQ(summary.results[0].version, first.version);
  EXPECT_EQ(summary.results[0].epoch, first.epoch);
  EXPECT_EQ(summary.results[0].seq, 0U);
  EXPECT_EQ(summary.seq, summary.previous_seq);
}

TEST_P(StoreCommit, AnEmptyTitleIsNoDifference) {
  done(commit_of("a", "same"));
  auto again = commit_of("a", "same");
  again.input.title.clear();
  EXPECT_EQ(done(again).outcome, Outcome::unchanged);
  EXPECT_EQ(record("a").title, "Title of a");
}

TEST_P(StoreCommit, AnyDifferenceThatQueriesSeeMakesAVersion) {
  done(commit_of("a", "same"));
  auto title = commit_of("a", "same");
  title.input.title = "Other";
  EXPECT_EQ(done(title).version, 2U);
  auto metadata = title;
  metadata.input.metadata = R"({"k":1})";
  EXPECT_EQ(done(metadata).version, 3U);
  auto analysis = metadata;
  analysis.analysis_version = 2;
  EXPECT_EQ(done(analysis).version, 4U);
  auto vector = analysis;
  vector.vector = {1, 2};
  EXPECT_EQ(done(vector).version, 5U);
  EXPECT_EQ(done(vector).outcome, Outcome::unchanged);
  auto other_vector = vector;
  other_vector.vector = {1, 3};
  EXPECT_EQ(done(other_vector).version, 6U);
  EXPECT_EQ(done(analysis).version, 7U) << "without the vector again";
  EXPECT_FALSE(record("a").has_vector);
  expect_no_findings();
}

TEST_P(StoreCommit, SameContentUnderAnotherIdIsASeparateDocument) {
  done(commit_of("a", "same"));
  EXPECT_EQ(done(commit_of("b", "same")).outcome, Outcome::created);
}

TEST_P(StoreCommit, ContentComesBackByteForByte) {
  auto op = commit_of("a/ü?#%20", "");
  op.text = std::string("nul \0 inside, \xF0\x9F\x98\x80 and \r\n", 26);
  op.input.title = "T\xC3\xA9";
  op.input.metadata = "{\"k\": \"\xE4\xB8\xAD\"}";
  op.vector = {0.25F, -1.5F, 3e-38F};
  op.chunks[0].facts = std::string("\x00\xff\xfe msgpack", 11);
  op.chunks[0].start = 1;
  op.chunks[0].end = 20;
  op.analysis_version = 7;
  done(op);
  reopen();
  auto live = content(op.input.key.id);
  EXPECT_EQ(live.text, op.text);
  EXPECT_EQ(live.record.title, op.input.title);
  EXPECT_EQ(live.record.metadata, op.input.metadata);
  EXPECT_EQ(live.vector, op.vector);
  EXPECT_EQ(live.chunks[0].facts, op.chunks[0].facts);
  EXPECT_EQ(live.chunks[0].start, 1U);
  EXPECT_EQ(live.chunks[0].end, 20U);
  EXPECT_EQ(live.analysis_version, 7U);
  EXPECT_TRUE(live.record.has_vector);
}

TEST_P(StoreCommit, ATextWithoutChunksIsAllowed) {
  auto op = commit_of("a", "");
  op.chunks.clear();
  EXPECT_EQ(done(op).chunk_count, 0U);
  EXPECT_EQ(text("a"), "");
  expect_no_findings();
}

TEST_P(StoreCommit, WhatCouldNotBeReadBackRightlyIsRefused) {
  auto bad_text = commit_of("a", "x");
  bad_text.text = "\xff\xfe";
  EXPECT_EQ(refused(bad_text), Errc::invalid_argument);
  auto surrogate = commit_of("a", "x");
  surrogate.input.title = "\xED\xA0\x80";
  EXPECT_EQ(refused(surrogate), Errc::invalid_argument);
  auto outside = commit_of("a", "x");
  outside.text = "\xC3\xA9"; // one code point in two bytes
  outside.chunks[0].end = 2;
  EXPECT_EQ(refused(outside), Errc::invalid_argument);
  auto backwards = commit_of("a", "xyz");
  backwards.chunks[0].start = 3;
  backwards.chunks[0].end = 1;
  EXPECT_EQ(refused(backwards), Errc::invalid_argument);
  auto unnumbered = commit_of("a", "x");
  unnumbered.chunks[0].index = 1;
  EXPECT_EQ(refused(unnumbered), Errc::invalid_argument);
  auto twice = commit_of("a", "x");
  twice.chunks.push_back(twice.chunks[0]);
  twice.chunks[1].index = 1;
  EXPECT_EQ(refused(twice), Errc::invalid_argument);
  auto infinite = commit_of("a", "x");
  infinite.vector = {std::numeric_limits<float>::infinity()};
  EXPECT_EQ(refused(infinite), Errc::invalid_argument);
  EXPECT_EQ(refused(commit_of("", "x")), Errc::invalid_argument);
  EXPECT_EQ(refused(commit_of(std::string("a\0b", 3), "x")), Errc::invalid_argument);
  EXPECT_EQ(refused(commit_of("a", "x", "no/collection")), Errc::invalid_argument);
  EXPECT_EQ(store_->list({"default"})->total, 0U);
  EXPECT_EQ(*store_->last_seq(), 0U);
}

TEST_P(StoreCommit, AChunkIdBelongsToOneDocument) {
  auto first = commit_of("a", "x");
  done(first);
  auto second = commit_of("b", "y");
  second.chunks[0].id = first.chunks[0].id;
  EXPECT_EQ(refused(second), Errc::conflict);
  EXPECT_EQ(text("b"), "not_found");
  auto again = commit_of("a", "x");
  again.input.title = "keeps its own chunk ids";
  EXPECT_EQ(done(again).version, 2U);
}

TEST_P(StoreCommit, IfMatchNamesTheNewestVersion) {
  auto absent = commit_of("a", "x");
  absent.input.if_match = 1;
  EXPECT_EQ(refused(absent), Errc::precondition_failed);
  done(commit_of("a", "x"));
  auto stale = commit_of("a", "y");
  stale.input.if_match = 7;
  EXPECT_EQ(refused(stale), Errc::precondition_failed);
  EXPECT_EQ(text("a"), "x");
  stale.input.if_match = 1;
  EXPECT_EQ(done(stale).version, 2U);
}

TEST_P(StoreCommit, OneRefusedOperationDoesNotStopTheOthers) {
  auto summary =
      write_all({commit_of("a", "x"), commit_of("b", "y", "nowhere"), commit_of("c", "z")});
  EXPECT_FALSE(summary.results[0].error);
  ASSERT_TRUE(summary.results[1].error);
  EXPECT_EQ(summary.results[1].error->code, Errc::not_found);
  EXPECT_FALSE(summary.results[2].error);
  EXPECT_EQ(text("a"), "x");
  EXPECT_EQ(text("c"), "z");
}

TEST_P(StoreCommit, TheSameDocumentTwiceInOneBatch) {
  auto summary = write_all({commit_of("a", "first"), commit_of("a", "second")});
  EXPECT_EQ(summary.results[0].version, 1U);
  EXPECT_EQ(summary.results[0].outcome, Outcome::created);
  EXPECT_EQ(summary.results[1].version, 2U);
  EXPECT_EQ(summary.results[1].outcome, Outcome::replaced);
  EXPECT_EQ(summary.seq, summary.previous_seq + 1);
  EXPECT_EQ(text("a"), "second");
  EXPECT_EQ(store_->changes_after(0, 10)->size(), 1U);
  expect_no_findings();
}

TEST_P(StoreCommit, AnUnknownCollectionIsNeverMade) {
  EXPECT_EQ(refused(commit_of("a", "x", "typo")), Errc::not_found);
  EXPECT_EQ(refused(accept_of("a", "x", "typo")), Errc::not_found);
  EXPECT_EQ(refused(DeleteOp{{"typo", "a"}}), Errc::not_found);
  EXPECT_EQ(refused(FailOp{{"typo", "a"}, 1, {"c", "d"}}), Errc::not_found);
  EXPECT_EQ(store_->collections()->size(), 1U);
}

} // namespace
} // namespace graphrag::runtime
