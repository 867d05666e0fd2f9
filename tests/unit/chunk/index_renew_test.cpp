// Words and names that only deleted documents held are forgotten, and nobody who reads notices.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/chunk/index_fixture.hpp"

namespace graphrag::chunk::testing {
namespace {

std::string unheard_of(int number) { return "x" + std::to_string(number); }

TEST(Renewal, ForgetsWhatOnlyTheDeadHeld) {
  Corpus corpus{3};
  Words words{5};
  for (int i = 0; i < 100; ++i) corpus.put(words.document("d" + std::to_string(i)));
  EXPECT_FALSE(corpus.index->renew(0)) << "everything is alive";
  const auto before = corpus.index->stats();
  for (int i = 0; i < 3000; ++i)
    corpus.put(make_document("passing", {unheard_of(i) + " Name" + std::to_string(i)}));
  corpus.put(make_document("staying", {"Once there was " + unheard_of(7)}));
  corpus.remove("passing");
  EXPECT_GT(corpus.index->stats().terms, 6000U);

  const auto query = words.query(8);
  const auto older = corpus.index->view();
  const auto expected = corpus.model.top_k(query, 20);
  EXPECT_FALSE(corpus.index->renew(1'000'000)) << "too few to be worth it";
  ASSERT_TRUE(corpus.index->renew(0));
  EXPECT_FALSE(corpus.index->renew(0)) << "nothing is left to forget";

  const auto after = corpus.index->stats();
  EXPECT_LE(after.terms, before.terms + 4);
  EXPECT_EQ(after.names, 1U); // "Once"
  EXPECT_EQ(after.dead_chunks, 0U);
  EXPECT_EQ(after.documents, 101U);
  EXPECT_LT(after.bytes, 2 * before.bytes);
  const auto view = corpus.index->view();
  EXPECT_EQ(view.find_term(unheard_of(8)), no_term);
  EXPECT_EQ(view.document_frequency(view.find_term(unheard_of(7))), 1U);
  EXPECT_EQ(view.mention_count(view.find_name(key_of("Once"))), 1U);
  for (const auto* each : {&older, &view})
    EXPECT_EQ(readable(*each, each->top_k(query_terms(*each, query), 20, {})), expected);

  corpus.put(make_document("later", {"w1 w2 " + unheard_of(8)})); // and it goes on
  corpus.remove("d1");
  const auto last = corpus.index->view();
  EXPECT_EQ(readable(last, last.top_k(query_terms(last, query), 20, {})),
            corpus.model.top_k(query, 20));
  EXPECT_EQ(last.document_frequency(last.find_term(unheard_of(8))), 1U);
}

TEST(Renewal, LooksAgainOnlyWhenTheVocabularyHasGrown) {
  Corpus corpus{1};
  const auto pass = [&](int from, int to) {
    for (int i = from; i < to; ++i) corpus.put(make_document("passing", {unheard_of(i)}));
  };
  for (int i = 0; i < 400; ++i)
    corpus.put(make_document("d" + std::to_string(i), {"y" + std::to_string(i)}));
  pass(0, 300);
  EXPECT_FALSE(corpus.index->renew(0)) << "more than half is alive: looked at 700, due at 802";
  pass(300, 401);
  corpus.remove("passing");
  EXPECT_FALSE(corpus.index->renew(0)) << "801 now, 400 of them alive, but not due";
  pass(401, 402);
  EXPECT_TRUE(corpus.index->renew(0));
}

// Deleting adds no words, so it is the compaction that says when to look.
TEST(Renewal, FollowsTheCompactionOfWhatWasOnlyDeleted) {
  Corpus corpus{1};
  for (int i = 0; i < 3000; ++i)
    corpus.put(make_document("d" + std::to_string(i), {unheard_of(i)}));
  EXPECT_FALSE(corpus.index->renew(0));
  for (int i = 0; i < 2900; ++i) corpus.remove("d" + std::to_string(i));
  EXPECT_FALSE(corpus.index->renew(0)) << "nothing has grown";
  ASSERT_TRUE(corpus.index->compact(0));
  EXPECT_TRUE(corpus.index->renew(0));
  EXPECT_EQ(corpus.index->stats().terms, 100U);
}

// Each of two writers puts, removes and renews; whoever reads finds each writer's last document.
TEST(Renewal, WritersOfOtherShardsAndReadersGoOn) {
  constexpr int rounds = 1500;
  auto index = CollectionIndex::make("test", 2);
  std::vector<std::string> ids(2);
  for (int i = 0; ids[0].empty() || ids[1].empty(); ++i)
    ids[index->shard_of("d" + std::to_string(i))] = "d" + std::to_string(i);
  std::atomic<int> renewals{0}, running{2};
  std::vector<std::thread> threads;
  for (std::uint32_t shard = 0; shard < 2; ++shard)
    threads.emplace_back([&, shard] {
      for (int i = 1; i <= rounds; ++i) {
        auto document = make_document(ids[shard], {"common Writer" + std::to_string(shard) + " " +
                                                   unheard_of(2 * i + static_cast<int>(shard)) +
                                                   " n" + std::to_string(i)});
        const DocumentChange change{document->id, document};
        index->apply(shard, static_cast<std::uint64_t>(i), {&change, 1});
        renewals += index->renew(64);
      }
      --running;
    });
  threads.emplace_back([&] {
    while (running > 0) {
      const auto view = index->view();
      const auto found = view.top_k(query_terms(view, {{"common", 1.0F}}), 10, {});
      EXPECT_LE(found.size(), 2U);
      for (const auto& item : found) EXPECT_EQ(view.chunk(item.ref).names.size(), 1U);
    }
  });
  for (auto& thread : threads) thread.join();
  EXPECT_GT(renewals, 10);
  const auto view = index->view();
  EXPECT_EQ(view.chunk_count(), 2U);
  EXPECT_EQ(view.document_frequency(view.find_term("n" + std::to_string(rounds))), 2U);
  EXPECT_LT(index->stats().terms, 200U);
}

} // namespace
} // namespace graphrag::chunk::testing
