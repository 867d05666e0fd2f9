// Vectors of encoders, and the models that made them.
#include <limits>

#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreVectors : public StoreTest {
protected:
  ModelRecord model(const std::string& hash, ModelState state = ModelState::active) {
    return {hash, "name of " + hash, 2, "blob-of-" + hash, state, 5};
  }

  // Vectors of a document of one chunk.
  EmbedOp embed(const std::string& id, std::uint64_t version, std::vector<float> floats = {1, 0},
                const std::string& by = "m1") {
    EmbedOp op;
    op.key = key_of(id);
    op.live_version = version;
    op.vectors = std::make_shared<ChunkVectors>(ChunkVectors{by, 2, std::move(floats)});
    return op;
  }

  // Who made the vectors that queries see.
  std::vector<std::string> makers(const std::string& id) {
    std::vector<std::string> out;
    for (const auto& vectors : content(id).embeddings) out.push_back(vectors->model);
    return out;
  }

  std::vector<std::string> lacking(const std::string& by = "m1", std::uint64_t seq = 0,
                                   std::size_t limit = 100) {
    std::vector<std::string> out;
    for (const auto& one : value_of(store_->lacking_vectors(by, seq, limit)))
      out.push_back(one.key.id);
    return out;
  }

  std::vector<std::string> models() {
    std::vector<std::string> out;
    for (const auto& one : value_of(store_->models()))
      out.push_back(one.hash + (one.state == ModelState::active ? " active" : " building"));
    return out;
  }
  using Names = std::vector<std::string>;
};
OVER_ALL_STORES(StoreVectors);

TEST_P(StoreVectors, ComeAtANumberOfTheirOwnAndChangeNothingElse) {
  done(SaveModelOp{model("m1")});
  done(commit_of("a", "text"));
  auto result = done(embed("a", 1, {0.6F, 0.8F}));
  EXPECT_EQ(result.seq, 2U);
  EXPECT_EQ(result.version, 1U);
  reopen();
  auto live = content("a");
  ASSERT_EQ(live.embeddings.size(), 1U);
  EXPECT_EQ(live.embeddings[0]->model, "m1");
  EXPECT_EQ(live.embeddings[0]->dimension, 2U);
  EXPECT_EQ(live.embeddings[0]->floats, (std::vector<float>{0.6F, 0.8F}));
  EXPECT_EQ(live.record.version, 1U);
  auto changes = value_of(store_->changes_after(0, 10));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].seq, 2U);
  EXPECT_EQ(changes[0].kind, ChangeKind::embed);
  std::size_t scanned = 0;
  ASSERT_TRUE(store_->scan_live([&](DocumentContent&& each) {
    scanned += each.embeddings.size();
    return true;
  }));
  EXPECT_EQ(scanned, 1U);
  expect_no_findings();
}

TEST_P(StoreVectors, OfAnOldVersionAreRefused) {
  done(SaveModelOp{model("m1")});
  EXPECT_EQ(refused(embed("a", 1)), Errc::not_found);
  done(commit_of("a", "one"));
  done(commit_of("a", "two"));
  EXPECT_EQ(refused(embed("a", 1)), Errc::stale_epoch);
  done(DeleteOp{key_of("a")});
  EXPECT_EQ(refused(embed("a", 2)), Errc::not_found);
}

TEST_P(StoreVectors, OfAnUnknownModelOrAWrongSizeAreRefused) {
  done(commit_of("a", "text"));
  EXPECT_EQ(refused(embed("a", 1)), Errc::conflict);
  done(SaveModelOp{model("m1")});
  EXPECT_EQ(refused(embed("a", 1, {1, 0, 0, 1})), Errc::invalid_argument);
  EXPECT_EQ(refused(embed("a", 1, {})), Errc::invalid_argument);
  EXPECT_EQ(refused(embed("a", 1, {std::numeric_limits<float>::quiet_NaN(), 0})),
            Errc::invalid_argument);
  EXPECT_TRUE(makers("a").empty());
}

TEST_P(StoreVectors, LeaveWithTheTextAndStayWithAPatch) {
  done(SaveModelOp{model("m1")});
  done(commit_of("a", "text"));
  done(embed("a", 1));
  done(PatchOp{key_of("a"), "New", std::nullopt, std::nullopt});
  EXPECT_EQ(makers("a"), Names{"m1"});
  done(commit_of("a", "other text"));
  EXPECT_TRUE(makers("a").empty());
  done(embed("a", 3));
  done(DeleteOp{key_of("a")});
  done(commit_of("a", "other text"));
  EXPECT_TRUE(makers("a").empty());
  expect_no_findings();
}

TEST_P(StoreVectors, AVersionThatWaitsLeavesThoseOfTheLiveOne) {
  done(SaveModelOp{model("m1")});
  done(commit_of("a", "text"));
  auto claim = done(accept_of("a", "new")).epoch;
  done(embed("a", 1)); // the live one is still version 1
  EXPECT_EQ(makers("a"), Names{"m1"});
  done(claimed(commit_of("a", "new"), claim));
  EXPECT_TRUE(makers("a").empty());
}

TEST_P(StoreVectors, TheLackingAreFoundOldestChangeFirst) {
  done(SaveModelOp{model("m1")});
  done(commit_of("b", "1"));
  done(commit_of("a", "2"));
  done(commit_of("c", "3"));
  done(accept_of("queued", "4"));
  auto empty = commit_of("no chunks", "");
  empty.chunks.clear();
  done(empty);
  EXPECT_EQ(lacking(), (Names{"b", "a", "c"}));
  EXPECT_EQ(lacking("m1", 1, 1), Names{"a"});
  done(embed("a", 1));
  EXPECT_EQ(lacking(), (Names{"b", "c"}));
  EXPECT_EQ(value_of(store_->count_lacking_vectors("m1")), 2U);
  EXPECT_EQ(value_of(store_->count_lacking_vectors("m2")), 3U);
}

TEST_P(StoreVectors, ANewModelBuildsBesideTheActiveOneAndThenTakesItsPlace) {
  done(SaveModelOp{model("m1")});
  done(commit_of("a", "text"));
  done(embed("a", 1));
  done(SaveModelOp{model("m2", ModelState::building)});
  EXPECT_EQ(models(), (Names{"m1 active", "m2 building"}));
  done(embed("a", 1, {0, 1}, "m2"));
  EXPECT_EQ(makers("a"), (Names{"m1", "m2"}));
  done(SaveModelOp{model("m3", ModelState::building)}); // in place of m2
  EXPECT_EQ(models(), (Names{"m1 active", "m3 building"}));
  EXPECT_EQ(makers("a"), Names{"m1"});
  done(SaveModelOp{model("m3")});
  EXPECT_EQ(models(), Names{"m3 active"});
  EXPECT_TRUE(makers("a").empty());
  EXPECT_EQ(refused(embed("a", 1)), Errc::conflict);
}

TEST_P(StoreVectors, OfModelsThatAreGoneArePrunedInSlices) {
  done(SaveModelOp{model("m1")});
  done(SaveModelOp{model("m2", ModelState::building)});
  for (const auto* id : {"a", "b", "c"}) {
    done(commit_of(id, id));
    done(embed(id, 1));
    done(embed(id, 1, {0, 1}, "m2"));
  }
  EXPECT_EQ(done(PruneVectorsOp{}).outcome, Outcome::unchanged);
  EXPECT_EQ(done(RemoveModelOp{"m1"}).outcome, Outcome::done);
  EXPECT_EQ(done(RemoveModelOp{"m1"}).outcome, Outcome::unchanged);
  EXPECT_EQ(done(PruneVectorsOp{2}).outcome, Outcome::done);
  EXPECT_EQ(done(PruneVectorsOp{2}).outcome, Outcome::done);
  EXPECT_EQ(done(PruneVectorsOp{2}).outcome, Outcome::unchanged);
  EXPECT_EQ(makers("a"), Names{"m2"});
  done(SaveModelOp{model("m1", ModelState::building)});
  EXPECT_EQ(lacking("m1"), (Names{"a", "b", "c"}));
  expect_no_findings();
}

TEST_P(StoreVectors, TheBlobOfAModelIsNamed) {
  done(SaveModelOp{model("m1")});
  EXPECT_EQ(value_of(store_->blobs()), Names{"blob-of-m1"});
}

TEST_P(StoreVectors, GoWithTheirCollection) {
  done(CreateCollectionOp{"c"});
  done(SaveModelOp{model("m1")});
  done(commit_of("a", "text", "c"));
  auto op = embed("a", 1);
  op.key.collection = "c";
  done(op);
  done(DropCollectionOp{"c"});
  EXPECT_EQ(value_of(store_->count_lacking_vectors("m1")), 0U);
  expect_no_findings();
}

} // namespace
} // namespace graphrag::runtime
