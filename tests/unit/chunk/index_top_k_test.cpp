#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/chunk/index_fixture.hpp"

namespace graphrag::chunk::testing {
namespace {

void expect_equal_to_model(const Corpus& corpus, Words& words, int queries) {
  auto view = corpus.index->view();
  for (int i = 0; i < queries; ++i) {
    auto query = words.query(20);
    auto expected = corpus.model.top_k(query, 100);
    for (std::size_t k : {100, 10, 1}) {
      expected.resize(std::min(expected.size(), k));
      auto found = readable(view, view.top_k(query_terms(view, query), k, {}));
      ASSERT_EQ(found, expected) << "query " << i << " k " << k;
    }
  }
}

// Inserts, replaces and deletes at random, the same for the same seed.
void churn(Corpus& corpus, Words& words, int steps) {
  for (int i = 0; i < steps; ++i) {
    auto id = "d" + std::to_string(words.below(300));
    if (words.below(4) == 0)
      corpus.remove(id);
    else
      corpus.put(words.document(id));
  }
}

class TopK : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(TopK, EqualsExhaustiveScoring) {
  Corpus corpus{GetParam()};
  Words words{11};
  for (int i = 0; i < 400; ++i) corpus.put(words.document("d" + std::to_string(i)));
  expect_equal_to_model(corpus, words, 150);
}

TEST_P(TopK, EqualsExhaustiveScoringAfterDeletionsAndReplacements) {
  Corpus corpus{GetParam()};
  Words words{12};
  churn(corpus, words, 1500);
  expect_equal_to_model(corpus, words, 100);
}

TEST_P(TopK, AppliesTheFilterBeforeTheTop) {
  Corpus corpus{GetParam()};
  Words words{13};
  for (int i = 0; i < 600; ++i) {
    auto document = words.document("d" + std::to_string(i));
    document->metadata = R"({"group": )" + std::to_string(i % 100) + "}";
    corpus.put(document);
  }
  for (int i = 0; i < 600; i += 7) corpus.remove("d" + std::to_string(i));
  auto view = corpus.index->view();
  for (double below : {3.0, 60.0, 100.0}) { // few pass, some, all
    Filter filter;
    filter.must.push_back({.kind = Condition::Kind::range, .key = "group", .lt = below});
    auto set = view.compile(filter);
    for (int i = 0; i < 60; ++i) {
      auto query = words.query(15);
      auto expected = corpus.model.top_k(query, 10, [&](const LiveDocument& document) {
        return std::stoi(document.id.substr(1)) % 100 < static_cast<int>(below);
      });
      ASSERT_EQ(readable(view, view.top_k(query_terms(view, query), 10, set)), expected)
          << below << " " << i;
    }
  }
}

TEST_P(TopK, TiesGoByDocumentIdThenChunk) {
  Corpus corpus{GetParam()};
  for (int i = 99; i >= 0; --i)
    corpus.put(make_document("d" + std::to_string(i), {"same words here", "same words here"}));
  auto view = corpus.index->view();
  auto found =
      readable(view, view.top_k(query_terms(view, {{"same", 1.0F}, {"here", 1.0F}}), 5, {}));
  ASSERT_EQ(found.size(), 5U);
  std::vector<std::string> order;
  for (const auto& hit : found) order.push_back(hit.document + "#" + std::to_string(hit.index));
  EXPECT_EQ(order, (std::vector<std::string>{"d0#0", "d0#1", "d1#0", "d1#1", "d10#0"}));
}

INSTANTIATE_TEST_SUITE_P(Shards, TopK, ::testing::Values(1, 2, 16));

TEST(TopKWindows, ManyChunksInOneShard) {
  Corpus corpus{1};
  Words words{14};
  std::uint64_t seq = 0;
  std::vector<DocumentChange> changes; // more than two windows' worth, in few applies
  for (int i = 0; i < 70'000; ++i) {
    auto document = make_document("d" + std::to_string(i), {words.text(4)});
    corpus.model.documents[document->id] = document;
    changes.push_back({document->id, document});
  }
  corpus.index->apply(0, ++seq, changes);
  expect_equal_to_model(corpus, words, 5);
}

TEST(TopKEdges, NothingAskedNothingFound) {
  Corpus corpus{2};
  EXPECT_TRUE(corpus.index->view().top_k({}, 10, {}).empty());
  std::vector<QueryTerm> unknown{{no_term, 1.0F}, {77, 1.0F}};
  EXPECT_TRUE(corpus.index->view().top_k(unknown, 10, {}).empty());
  corpus.put(make_document("a", {"red green"}));
  auto view = corpus.index->view();
  EXPECT_TRUE(view.top_k(query_terms(view, {{"blue", 1.0F}}), 10, {}).empty());
  EXPECT_TRUE(view.top_k(query_terms(view, {{"red", 1.0F}}), 0, {}).empty());
  EXPECT_TRUE(view.top_k(query_terms(view, {{"red", 0.0F}}), 10, {}).empty());
  EXPECT_EQ(view.top_k(query_terms(view, {{"red", 1.0F}}), 10, {}).size(), 1U);
}

TEST(TopKEdges, ARepeatedTermCountsEachTime) {
  Corpus corpus{1};
  corpus.put(make_document("a", {"red green"}));
  corpus.put(make_document("b", {"red"}));
  auto view = corpus.index->view();
  Query query{{"red", 1.0F}, {"green", 1.0F}, {"red", 2.0F}};
  EXPECT_EQ(readable(view, view.top_k(query_terms(view, query), 10, {})),
            corpus.model.top_k(query, 10));
}

TEST(Contributions, AddUpToTheScore) {
  Corpus corpus{4};
  Words words{15};
  churn(corpus, words, 600);
  auto view = corpus.index->view();
  for (int i = 0; i < 50; ++i) {
    auto terms = query_terms(view, words.query(12));
    for (const auto& hit : view.top_k(terms, 20, {})) {
      std::vector<float> parts(terms.size());
      view.contributions({&hit.ref, 1}, terms, parts);
      EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), 0.0F), hit.score);
    }
  }
}

// Frequent terms are kept in columns of bytes beside their postings; counts that do not fit in a
// byte, chunks without the term and chunks before the column was begun must all read the same.
TEST(Contributions, OfFrequentTermsInManyChunksAtOnce) {
  Corpus corpus{2};
  Words words{77};
  for (int i = 0; i < 3000; ++i) {
    std::string text = words.text(20);
    if (i % 3 != 0) text += " often";
    if (i > 2000) text += " late";
    if (i % 700 == 1)
      for (int repeat = 0; repeat < 250 + i % 19; ++repeat) text += " often";
    corpus.put(make_document("d" + std::to_string(i), {text}));
  }
  auto view = corpus.index->view();
  const Query query{{"often", 2.0F}, {"late", 1.0F}, {"w0", 1.0F}, {"w7", 1.0F}, {"w301", 3.0F}};
  const auto terms = query_terms(view, query);
  EXPECT_EQ(readable(view, view.top_k(terms, 30, {})), corpus.model.top_k(query, 30));
  std::vector<ChunkRef> refs;
  view.for_each_chunk([&](ChunkRef ref) {
    refs.push_back(ref);
    return true;
  });
  std::shuffle(refs.begin(), refs.end(), std::mt19937{5});
  std::vector<float> parts(refs.size() * terms.size());
  view.contributions(refs, terms, parts);
  std::map<std::uint64_t, float> scores;
  for (const auto& hit : view.top_k(terms, 3000, {})) scores[hit.ref.packed()] = hit.score;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto held = view.chunk(refs[i]).terms;
    float sum = 0;
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const auto part = parts[i * terms.size() + t];
      const bool holds = std::any_of(held.begin(), held.end(),
                                     [&](const auto& each) { return each.term == terms[t].term; });
      ASSERT_EQ(part > 0, holds);
      sum += part;
    }
    ASSERT_EQ(sum, scores[refs[i].packed()]);
  }
}

TEST(Contributions, ParametersOfBm25Matter) {
  Corpus corpus{1};
  corpus.put(make_document("long", {"red red red blue blue blue blue blue blue blue"}));
  corpus.put(make_document("short", {"red"}));
  auto view = corpus.index->view();
  auto terms = query_terms(view, {{"red", 1.0F}});
  EXPECT_EQ(readable(view, view.top_k(terms, 1, {}, {.k1 = 1.2F, .b = 1.0F}))[0].document, "short");
  EXPECT_EQ(readable(view, view.top_k(terms, 1, {}, {.k1 = 1.2F, .b = 0.0F}))[0].document, "long");
}

} // namespace
} // namespace graphrag::chunk::testing
