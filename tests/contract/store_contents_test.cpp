// Scans of one collection, and reads of many documents at once.
#include <algorithm>

#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreContents : public StoreTest {
protected:
  // Live documents in two collections, and some that are not live.
  void fill(int documents) {
    std::vector<WriteOp> ops{CreateCollectionOp{"other"}};
    for (int i = 0; i < documents; ++i) {
      auto id = "d" + std::to_string(i);
      ops.push_back(commit_of(id, "text " + id, i % 3 ? "default" : "other"));
      ops.push_back(accept_of("queued " + id, "x"));
    }
    write_all(std::move(ops));
  }
  std::vector<std::string> scan(const std::string& collection) {
    std::vector<std::string> out;
    EXPECT_TRUE(store_->scan_live(collection, [&](DocumentContent&& content) {
      EXPECT_EQ(content.text, "text " + content.record.key.id);
      EXPECT_EQ(content.chunks.at(0).facts, "facts of " + content.text);
      EXPECT_TRUE(collection.empty() || content.record.key.collection == collection);
      out.push_back(content.record.key.id);
      return true;
    }));
    return out;
  }
};
OVER_ALL_STORES(StoreContents);

TEST_P(StoreContents, AScanShowsTheLiveDocumentsOfOneCollectionInOrder) {
  fill(120);
  const auto some = scan("default"), others = scan("other"), all = scan("");
  EXPECT_EQ(some.size(), 80U);
  EXPECT_EQ(others.size(), 40U);
  EXPECT_TRUE(std::ranges::is_sorted(some));
  EXPECT_TRUE(std::ranges::is_sorted(others));
  auto both = some;
  both.insert(both.end(), others.begin(), others.end());
  EXPECT_EQ(both, all);
  EXPECT_TRUE(scan("nothing").empty());
}

TEST_P(StoreContents, AScanSeesOnePointInTimeAndStopsWhenTold) {
  fill(40);
  int calls = 0;
  auto seq = store_->scan_live("default", [&](DocumentContent&& content) {
    if (++calls == 1) done(DeleteOp{key_of("d38")});
    EXPECT_EQ(content.record.seq, 1U);
    return calls < 20;
  });
  EXPECT_EQ(value_of(seq), 1U);
  EXPECT_EQ(calls, 20);
}

TEST_P(StoreContents, ADocumentMadeAgainIsScannedAgain) {
  done(commit_of("a", "text a"));
  done(DeleteOp{key_of("a")});
  EXPECT_TRUE(scan("default").empty());
  auto claim = done(accept_of("a", "text a")).epoch;
  EXPECT_TRUE(scan("default").empty());
  done(claimed(commit_of("a", "text a"), claim));
  EXPECT_EQ(scan("default").size(), 1U);
}

TEST_P(StoreContents, ContentsAreThoseOfTheKeysThatAreLive) {
  fill(30);
  auto with_vector = commit_of("v", "text v");
  with_vector.vector = {0.5F, -1.0F};
  done(with_vector);
  std::vector<DocumentKey> keys{key_of("v"),      {"other", "d0"},     key_of("d1"), key_of("d1"),
                                key_of("nobody"), key_of("queued d1"), {"no", "d1"}};
  auto found = value_of(store_->contents(keys));
  ASSERT_EQ(found.size(), 3U);
  std::vector<DocumentKey> seen;
  for (const auto& content : found) {
    seen.push_back(content.record.key);
    auto alone = value_of(store_->content(content.record.key));
    EXPECT_EQ(content.text, alone.text);
    EXPECT_EQ(content.record.seq, alone.record.seq);
    EXPECT_EQ(content.record.title, alone.record.title);
    EXPECT_EQ(content.analysis_version, alone.analysis_version);
    EXPECT_EQ(content.vector, alone.vector);
    ASSERT_EQ(content.chunks.size(), alone.chunks.size());
    EXPECT_EQ(content.chunks.at(0).id, alone.chunks.at(0).id);
    EXPECT_EQ(content.chunks.at(0).facts, alone.chunks.at(0).facts);
  }
  EXPECT_EQ(seen, (std::vector<DocumentKey>{key_of("d1"), key_of("v"), {"other", "d0"}}));
  EXPECT_EQ(found[1].vector, (std::vector<float>{0.5F, -1.0F}));
  EXPECT_TRUE(value_of(store_->contents({})).empty());
}

TEST_P(StoreContents, ContentsBringTheVectorsOfModels) {
  done(commit_of("a", "text a"));
  done(SaveModelOp{{"m", "name", 2, "blob", ModelState::active, 1}});
  auto vectors = std::make_shared<ChunkVectors>(ChunkVectors{"m", 2, {1.0F, 2.0F}});
  done(EmbedOp{key_of("a"), 1, vectors});
  std::vector<DocumentKey> keys{key_of("a")};
  auto found = value_of(store_->contents(keys));
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].embeddings.size(), 1U);
  EXPECT_EQ(found[0].embeddings[0]->floats, vectors->floats);
}

} // namespace
} // namespace graphrag::runtime
