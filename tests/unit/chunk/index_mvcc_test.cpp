#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/chunk/index_fixture.hpp"

namespace graphrag::chunk::testing {
namespace {

constexpr int documents = 40;

// Version v of a document: three chunks that say so, and a word that all documents have.
std::shared_ptr<LiveDocument> version_of(int id, std::uint64_t version) {
  auto word = "common v" + std::to_string(version % 7) + " Name" + std::to_string(version % 7);
  auto out = make_document("d" + std::to_string(id), {word, word + " more", word + " and more"},
                           R"({"version": )" + std::to_string(version) + "}");
  out->version = version;
  out->vector = {1.0F, static_cast<float>(version % 7)};
  return out;
}

// All documents are replaced in one apply per shard: each view must see, of each shard, all of them
// once, whole, and of one version.
void expect_whole(const ReadView& view) {
  std::map<std::string, int> chunks;
  std::map<std::uint32_t, std::set<std::uint64_t>> versions;
  view.for_each_chunk([&](ChunkRef ref) {
    auto chunk = view.chunk(ref);
    ++chunks[chunk.document->id];
    versions[ref.shard].insert(chunk.document->version);
    return true;
  });
  ASSERT_EQ(chunks.size(), std::size_t{documents});
  for (const auto& [id, count] : chunks) ASSERT_EQ(count, 3) << id;
  for (const auto& [shard, seen] : versions) ASSERT_EQ(seen.size(), 1U) << "shard " << shard;

  auto found = view.top_k(query_terms(view, {{"common", 1.0F}}), 1000, {});
  ASSERT_EQ(found.size(), std::size_t{documents} * 3);
  for (const auto& hit : found)
    ASSERT_EQ(*versions[hit.ref.shard].begin(), view.chunk(hit.ref).document->version);
  for (int i = 0; i < documents; ++i) ASSERT_TRUE(view.find_document("d" + std::to_string(i)));

  std::size_t mentioned = 0;
  std::vector<ChunkRef> refs;
  for (int i = 0; i < 7; ++i) {
    auto name = view.find_name(key_of("Name" + std::to_string(i)));
    if (name == no_term) continue;
    view.mentions(name, 1000, refs);
    mentioned += refs.size();
  }
  ASSERT_EQ(mentioned, std::size_t{documents} * 3);

  Filter filter;
  filter.must.push_back({.kind = Condition::Kind::exists, .key = "version"});
  ASSERT_EQ(view.top_k(query_terms(view, {{"common", 1.0F}}), 1000, view.compile(filter)).size(),
            found.size());
  ASSERT_EQ(view.nearest("", std::vector<float>{1, 0}, 1000, {}).size(), std::size_t{documents});
}

void replace_all(CollectionIndex& index, std::uint64_t version) {
  std::vector<std::vector<DocumentChange>> changes(index.shards());
  for (int i = 0; i < documents; ++i) {
    auto document = version_of(i, version);
    changes[index.shard_of(document->id)].push_back({document->id, document});
  }
  for (std::uint32_t shard = 0; shard < index.shards(); ++shard)
    index.apply(shard, version, changes[shard]);
}

TEST(Mvcc, AReaderSeesEveryDocumentOnceWhileTheWriterReplacesThem) {
  auto index = CollectionIndex::make("test", 2);
  replace_all(*index, 1);
  std::atomic<bool> done{false};
  std::atomic<int> looked{0};
  std::thread reader{[&] {
    while (!done && !::testing::Test::HasFatalFailure()) {
      auto view = index->view();
      expect_whole(view);
      expect_whole(view); // and again: the view stands still
      ++looked;
    }
  }};
  for (std::uint64_t version = 2; version < 400 || looked < 20; ++version) {
    if (::testing::Test::HasFailure()) break;
    replace_all(*index, version);
    if (version % 20 == 0)
      for (std::uint32_t shard = 0; shard < 2; ++shard) index->compact(shard, 0.5);
  }
  done = true;
  reader.join();
  EXPECT_GE(looked, 20);
}

TEST(Mvcc, AViewKeepsItsTimeAcrossChangesAndCompaction) {
  auto index = CollectionIndex::make("test", 1);
  replace_all(*index, 1);
  auto before = index->view();
  for (std::uint64_t version = 2; version < 40; ++version) replace_all(*index, version);
  ASSERT_TRUE(index->compact(0));
  auto after = index->view();
  expect_whole(before);
  expect_whole(after);
  EXPECT_EQ(before.applied(), 1U);
  EXPECT_EQ(after.applied(), 39U);
  EXPECT_EQ(before.chunk(before.find_document("d7")->first).document->version, 1U);
  EXPECT_EQ(after.chunk(after.find_document("d7")->first).document->version, 39U);
}

TEST(Mvcc, AnEmptyApplyOnlyMovesTheNumber) {
  auto index = CollectionIndex::make("test", 2);
  index->apply(0, 5, {});
  EXPECT_EQ(index->applied(0), 5U);
  EXPECT_EQ(index->applied(1), 0U);
  EXPECT_EQ(index->view().applied(), 0U) << "the lowest of the shards";
  index->apply(1, 9, {});
  EXPECT_EQ(index->view().applied(), 5U);
}

TEST(Mvcc, TwoVersionsInOneApplyLeaveTheSecond) {
  auto index = CollectionIndex::make("test", 1);
  auto first = make_document("a", {"red"}), second = make_document("a", {"green"}),
       gone = make_document("b", {"blue"});
  std::vector<DocumentChange> changes{{"a", first}, {"b", gone}, {"a", second}, {"b", nullptr}};
  index->apply(0, 1, changes);
  auto view = index->view();
  EXPECT_EQ(view.chunk_count(), 1U);
  EXPECT_TRUE(view.top_k(query_terms(view, {{"red", 1.0F}, {"blue", 1.0F}}), 5, {}).empty());
  EXPECT_EQ(view.top_k(query_terms(view, {{"green", 1.0F}}), 5, {}).size(), 1U);
}

TEST(Compaction, WaitsForEnoughDeadAndReturnsTheirMemory) {
  Corpus corpus{1};
  Words words{31};
  for (int i = 0; i < 300; ++i)
    corpus.put(make_document("d" + std::to_string(i), {words.text(30)}));
  auto small = corpus.index->stats();
  for (int i = 0; i < 90; ++i) corpus.put(make_document("d" + std::to_string(i), {words.text(30)}));
  EXPECT_FALSE(corpus.index->compact(0, 0.1)) << "fewer than a hundred dead";
  for (int round = 0; round < 10; ++round)
    for (int i = 0; i < 300; ++i)
      corpus.put(make_document("d" + std::to_string(i), {words.text(30)}));
  auto full = corpus.index->stats();
  EXPECT_EQ(full.dead_chunks, 3090U);
  EXPECT_EQ(full.chunks, 300U);
  EXPECT_FALSE(corpus.index->compact(0, 0.99));

  auto query = words.query(10);
  auto expected = corpus.model.top_k(query, 20);
  EXPECT_TRUE(corpus.index->compact(0));
  auto compacted = corpus.index->stats();
  EXPECT_EQ(compacted.dead_chunks, 0U);
  EXPECT_EQ(compacted.chunks, 300U);
  EXPECT_EQ(compacted.documents, 300U);
  EXPECT_LT(compacted.bytes, full.bytes / 2);
  EXPECT_LT(compacted.bytes, small.bytes * 2);
  auto view = corpus.index->view();
  EXPECT_EQ(readable(view, view.top_k(query_terms(view, query), 20, {})), expected);
  corpus.put(make_document("later", {"w1 w2"})); // and it goes on
  EXPECT_TRUE(corpus.index->view().find_document("later"));
}

} // namespace
} // namespace graphrag::chunk::testing
