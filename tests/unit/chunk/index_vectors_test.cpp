// Vectors that encoders made: they come later than their documents, at a number of their own.
#include <gtest/gtest.h>

#include "tests/unit/chunk/index_fixture.hpp"

namespace graphrag::chunk::testing {
namespace {

std::shared_ptr<const runtime::ChunkVectors> vectors(const std::string& model,
                                                     std::vector<float> floats) {
  return std::make_shared<runtime::ChunkVectors>(
      runtime::ChunkVectors{model, 2, std::move(floats)});
}

struct Index {
  std::shared_ptr<CollectionIndex> index = CollectionIndex::make("c", 1);
  std::uint64_t seq = 0;

  void apply(DocumentChange change) { index->apply(0, ++seq, {&change, 1}); }
  void put(const std::string& id, const std::vector<std::string>& texts,
           std::vector<std::shared_ptr<const runtime::ChunkVectors>> embeddings = {}) {
    auto document = make_document(id, texts);
    document->embeddings = std::move(embeddings);
    apply({id, document});
  }
  void attach(const std::string& id, std::shared_ptr<const runtime::ChunkVectors> made) {
    apply({id, nullptr, std::move(made)});
  }
  // "document#chunk", nearest to the direction first.
  static std::vector<std::string> nearest(const ReadView& view, const std::string& model,
                                          std::vector<float> direction) {
    std::vector<std::string> out;
    for (const auto& item : readable(view, view.nearest(model, direction, 10, {})))
      out.push_back(item.document + "#" + std::to_string(item.index));
    return out;
  }
  std::vector<std::string> nearest(const std::string& model, std::vector<float> direction) const {
    return nearest(index->view(), model, std::move(direction));
  }
};
using Found = std::vector<std::string>;

TEST(IndexVectors, ComeToADocumentThatIsThereAlready) {
  Index it;
  it.put("a", {"first", "second"});
  it.put("b", {"third"});
  EXPECT_EQ(it.nearest("m", {1, 0}), Found{});
  const auto before = it.index->view();
  it.attach("a", vectors("m", {1, 0, 0, 1}));
  it.attach("b", vectors("m", {0.6F, 0.8F}));
  EXPECT_EQ(it.nearest("m", {1, 0}), (Found{"a#0", "b#0", "a#1"}));
  EXPECT_EQ(it.nearest("m", {0, 1}), (Found{"a#1", "b#0", "a#0"}));
  EXPECT_EQ(Index::nearest(before, "m", {1, 0}), Found{}) << "an older view sees what it saw";
  EXPECT_EQ(it.index->stats().vectors, 2U);
}

TEST(IndexVectors, OfTwoModelsAreNeverCompared) {
  Index it;
  it.put("a", {"text"}, {vectors("m1", {1, 0})});
  it.put("b", {"text"}, {vectors("m2", {1, 0}), vectors("m1", {0, 1})});
  EXPECT_EQ(it.nearest("m1", {1, 0}), (Found{"a#0", "b#0"}));
  EXPECT_EQ(it.nearest("m2", {1, 0}), Found{"b#0"});
  EXPECT_EQ(it.nearest("", {1, 0}), Found{}) << "nor with those that clients bring";
}

TEST(IndexVectors, GoWithTheirVersion) {
  Index it;
  it.put("a", {"text"}, {vectors("m", {1, 0})});
  it.put("a", {"other text"});
  EXPECT_EQ(it.nearest("m", {1, 0}), Found{});
  it.attach("a", vectors("m", {0, 1}));
  EXPECT_EQ(it.nearest("m", {1, 0}), Found{"a#0"});
  it.apply({"a", nullptr});
  EXPECT_EQ(it.nearest("m", {1, 0}), Found{});
  it.attach("a", vectors("m", {0, 1})); // late: the document is gone
  EXPECT_EQ(it.nearest("m", {1, 0}), Found{});
  EXPECT_EQ(it.index->stats().vectors, 0U);
}

TEST(IndexVectors, TwiceOrOfAWrongSizeChangeNothing) {
  Index it;
  it.put("a", {"first", "second"});
  it.attach("a", vectors("m", {1, 0}));
  EXPECT_EQ(it.nearest("m", {1, 0}), Found{});
  it.attach("a", vectors("m", {1, 0, 0, 1}));
  it.attach("a", vectors("m", {1, 0, 0, 1}));
  EXPECT_EQ(it.nearest("m", {1, 0}), (Found{"a#0", "a#1"}));
  EXPECT_EQ(it.index->stats().vectors, 1U);
}

TEST(IndexVectors, AChunkOfZerosIsNearToNothing) {
  Index it;
  it.put("a", {"first", "second"}, {vectors("m", {0, 0, 0, 1})});
  EXPECT_EQ(it.nearest("m", {1, 0}), Found{"a#1"});
}

TEST(IndexVectors, AreFoundByTheirChunk) {
  Index it;
  it.put("a", {"first", "second"});
  auto view = it.index->view();
  const auto ref = view.find_document("a")->first;
  EXPECT_TRUE(view.vector_of(ref, "m").empty());
  it.attach("a", vectors("m", {1, 0, 0, 1}));
  EXPECT_TRUE(view.vector_of(ref, "m").empty()) << "this view is older";
  view = it.index->view();
  EXPECT_EQ(view.vector_of({ref.shard, ref.ord + 1}, "m")[1], 1.0F);
  EXPECT_TRUE(view.vector_of(ref, "other").empty());
}

TEST(IndexVectors, SurviveCompaction) {
  Index it;
  it.put("kept", {"text"});
  it.attach("kept", vectors("m", {1, 0}));
  for (int i = 0; i < 1100; ++i) it.put("again", {"text"}, {vectors("m", {0, 1})});
  ASSERT_TRUE(it.index->compact(0));
  EXPECT_EQ(it.nearest("m", {1, 0}), (Found{"kept#0", "again#0"}));
  EXPECT_EQ(it.index->stats().vectors, 2U);
}

} // namespace
} // namespace graphrag::chunk::testing
