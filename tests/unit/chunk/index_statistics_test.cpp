#include <gtest/gtest.h>

#include <set>

#include "tests/unit/chunk/index_fixture.hpp"

namespace graphrag::chunk::testing {
namespace {

// Everything that a view says of a collection, by name.
struct Facts {
  std::uint64_t chunks = 0, documents = 0;
  float average = 0;
  std::map<std::string, std::uint32_t> frequencies, mentions;
  std::map<std::string, std::vector<std::string>> homes;
  friend bool operator==(const Facts&, const Facts&) = default;
};

Facts facts_of(const CollectionIndex& index, const std::vector<std::string>& names) {
  auto view = index.view();
  Facts out;
  out.chunks = view.chunk_count();
  out.documents = index.stats().documents;
  out.average = view.average_length();
  for (int i = 0; i < 400; ++i) {
    auto word = "w" + std::to_string(i);
    if (auto df = view.document_frequency(view.find_term(word)); df > 0) out.frequencies[word] = df;
  }
  for (const auto& name : names) {
    auto id = view.find_name(key_of(name));
    if (id == no_term) continue;
    if (auto count = view.mention_count(id); count > 0) out.mentions[name] = count;
    std::vector<HomeRef> homes;
    view.homes(id, homes);
    EXPECT_EQ(view.has_home(id), !homes.empty());
    for (const auto& home : homes) out.homes[name].emplace_back(view.chunk(home.ref).chunk_id);
  }
  return out;
}

std::shared_ptr<LiveDocument> with_names(Words& words, const std::string& id,
                                         const std::vector<std::string>& names) {
  auto document = make_document(
      id, {words.text(20) + names[words.below(20)], names[words.below(20)] + " " + words.text(20)});
  auto home = names[words.below(20)];
  document->analysis.chunks[0].homes.push_back(
      {key_of(home), home, home, static_cast<float>(words.below(5)) / 4, 0});
  document->analysis.chunks[0].homes.push_back({key_of(home), home, home, 0.1F, 0}); // said twice
  return document;
}

class Statistics : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(Statistics, AfterRandomChangesEqualThoseOfAFreshBuild) {
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back("Name" + std::to_string(i));
  Corpus corpus{GetParam()};
  Words words{21};
  for (int i = 0; i < 2000; ++i) {
    auto id = "d" + std::to_string(words.below(200));
    if (words.below(3) == 0)
      corpus.remove(id);
    else
      corpus.put(with_names(words, id, names));
  }
  Corpus fresh{3};
  for (const auto& [id, document] : corpus.model.documents) fresh.put(document);
  auto expected = facts_of(*fresh.index, names);
  EXPECT_EQ(facts_of(*corpus.index, names), expected);
  EXPECT_EQ(expected.chunks, corpus.model.chunks());
  EXPECT_EQ(expected.frequencies.at("w0"), corpus.model.frequency("w0"));

  for (std::uint32_t shard = 0; shard < corpus.index->shards(); ++shard)
    corpus.index->compact(shard, 0.1);
  EXPECT_EQ(facts_of(*corpus.index, names), expected);
  for (int i = 0; i < 2000; ++i) corpus.put(make_document("other", {"x" + std::to_string(i)}));
  corpus.remove("other");
  ASSERT_TRUE(corpus.index->renew(0));
  EXPECT_EQ(facts_of(*corpus.index, names), expected);
}

INSTANTIATE_TEST_SUITE_P(Shards, Statistics, ::testing::Values(1, 2, 16));

TEST(Names, HomesBestFirstAndMentionsUpToALimit) {
  Corpus corpus{1};
  for (int i = 0; i < 5; ++i) {
    auto document = make_document("d" + std::to_string(i), {"about Alice", "Alice and Bob"});
    document->analysis.chunks[0].homes.push_back(
        {key_of("Alice"), "alice", "Alice", i == 3 ? 1.0F : 0.5F, 0});
    corpus.put(document);
  }
  auto view = corpus.index->view();
  auto alice = view.find_name(key_of("Alice")), bob = view.find_name(key_of("Bob"));
  EXPECT_EQ(view.name_key(alice), key_of("Alice"));
  EXPECT_EQ(view.find_name(key_of("Carol")), no_term);
  EXPECT_EQ(view.mention_count(alice), 10U);
  EXPECT_TRUE(view.has_home(alice));
  EXPECT_FALSE(view.has_home(bob));
  std::vector<HomeRef> homes;
  view.homes(alice, homes);
  ASSERT_EQ(homes.size(), 5U);
  EXPECT_EQ(view.chunk(homes[0].ref).document->id, "d3");
  for (std::size_t i = 1; i < homes.size(); ++i)
    EXPECT_LT(homes[i].confidence, homes[0].confidence);
  std::vector<ChunkRef> mentions;
  view.mentions(alice, 3, mentions);
  ASSERT_EQ(mentions.size(), 3U);
  EXPECT_EQ(view.chunk(mentions[1]).chunk_id, "d0#1");
  EXPECT_EQ(view.chunk(mentions[2]).chunk_id, "d1#0");
  auto names = view.chunk(mentions[1]).names;
  EXPECT_EQ(names.size(), 2U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST(Documents, AreFoundByIdWithTheirChunks) {
  Corpus corpus{4};
  corpus.put(make_document("a", {"one", "two two", "three"}));
  corpus.put(make_document("b", {"four"}));
  auto view = corpus.index->view();
  auto found = view.find_document("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->second, 2U);
  auto chunk = view.chunk({found->first.shard, found->first.ord + 1});
  EXPECT_EQ(chunk.text, "two two");
  EXPECT_EQ(chunk.chunk_id, "a#1");
  EXPECT_EQ(chunk.length, 2U);
  ASSERT_EQ(chunk.terms.size(), 1U);
  EXPECT_EQ(chunk.terms[0].tf, 2U);
  EXPECT_EQ(chunk.terms[0].term, view.find_term("two"));
  EXPECT_FALSE(view.find_document("c"));
  corpus.remove("a");
  EXPECT_FALSE(corpus.index->view().find_document("a"));
  EXPECT_TRUE(view.find_document("a")) << "the older view still sees it";
}

// Views share one object: of a document whose facets are parted from it the index keeps no copy.
TEST(Documents, PartedFromTheirFacetsAreSharedAndFoundAlike) {
  auto whole = make_document("a", {"red green", "blue"});
  whole->vector = {3, 4};
  auto shared = std::make_shared<LiveDocument>(*whole);
  auto facets = part_facets(*shared);
  EXPECT_TRUE(shared->analysis.chunks[0].terms.empty());
  EXPECT_EQ(shared->vector, (std::vector<float>{0.6F, 0.8F}));
  Corpus one{1}, other{1};
  one.put(whole);
  const DocumentChange change{"a", shared, nullptr, facets};
  other.index->apply(0, 1, std::span{&change, 1});
  auto expected = one.index->view(), view = other.index->view();
  EXPECT_EQ(view.chunk(view.find_document("a")->first).document, shared.get());
  EXPECT_NE(expected.chunk(expected.find_document("a")->first).document, whole.get());
  for (const auto* word : {"red", "green", "blue"}) {
    auto found = view.top_k(query_terms(view, {{word, 1.0F}}), 5, {});
    auto same = expected.top_k(query_terms(expected, {{word, 1.0F}}), 5, {});
    ASSERT_EQ(found.size(), 1U) << word;
    EXPECT_EQ(found[0].ref, same[0].ref);
    EXPECT_EQ(found[0].score, same[0].score);
  }
}

// A patch may be made from what a view shows, whose terms live in the index only.
TEST(Documents, APatchFromAViewKeepsItsTerms) {
  Corpus corpus{2};
  auto document = make_document("a", {"red green", "blue"});
  document->content_hash = "abc";
  corpus.put(document);
  auto view = corpus.index->view();
  auto patched =
      std::make_shared<LiveDocument>(*view.chunk(view.find_document("a")->first).document);
  EXPECT_TRUE(patched->analysis.chunks[0].terms.empty());
  patched->title = "New";
  corpus.put(patched);
  auto after = corpus.index->view();
  auto found = after.top_k(query_terms(after, {{"blue", 1.0F}}), 5, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(after.chunk(found[0].ref).document->title, "New");
  EXPECT_EQ(after.document_frequency(after.find_term("red")), 1U);
}

// A collection over several nodes is the sum of its parts: with the statistics of all, each part
// scores as the whole does, and the best of the parts are the best of the whole.
TEST(Parts, ScoreAsTheWholeByTheSumsOfTheirStatistics) {
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back("Name" + std::to_string(i));
  Corpus corpus{6};
  Words words{7};
  for (int i = 0; i < 900; ++i) {
    auto id = "d" + std::to_string(words.below(300));
    if (words.below(5) == 0)
      corpus.remove(id);
    else
      corpus.put(with_names(words, id, names));
  }
  for (std::uint32_t shard = 0; shard < 6; shard += 2) corpus.index->compact(shard, 0);
  const auto whole = corpus.index->view();
  const std::vector<std::vector<std::uint32_t>> nodes{{0, 3}, {1, 2, 5}, {4}};
  const std::vector<std::string> terms{"w1", "w7", "w30", "never"};
  std::vector<ReadView> parts;
  CollectionStatistics sum{0, 0, std::vector<std::uint32_t>(terms.size())};
  for (const auto& shards : nodes) {
    const auto& part = parts.emplace_back(corpus.index, shards);
    const auto own = part.statistics(terms);
    sum.chunks += own.chunks;
    sum.tokens += own.tokens;
    for (std::size_t i = 0; i < terms.size(); ++i) sum.holding[i] += own.holding[i];
  }
  const auto all = whole.statistics(terms);
  EXPECT_EQ(sum.chunks, all.chunks);
  EXPECT_EQ(sum.tokens, all.tokens);
  EXPECT_EQ(sum.holding, all.holding);
  ASSERT_GT(all.holding[0], 0U);

  std::vector<ScoredChunk> together;
  std::vector<QueryTerm> asked;
  for (const auto& term : terms) asked.push_back({whole.find_term(term), 1});
  for (auto& part : parts) {
    part.score_by(sum, terms);
    for (const auto& found : part.top_k(asked, 10, {})) together.push_back(found);
  }
  std::sort(together.begin(), together.end(), [&](const auto& a, const auto& b) {
    if (a.score != b.score) return a.score > b.score;
    return whole.chunk(a.ref).chunk_id < whole.chunk(b.ref).chunk_id;
  });
  const auto best = whole.top_k(asked, 10, {});
  ASSERT_EQ(best.size(), 10U);
  for (std::size_t i = 0; i < best.size(); ++i) {
    EXPECT_EQ(together[i].ref, best[i].ref) << i;
    EXPECT_EQ(together[i].score, best[i].score);
  }

  for (const auto& name : names) {
    const auto id = whole.find_name(key_of(name));
    std::uint32_t mentions = 0;
    std::size_t homes = 0;
    std::vector<HomeRef> found;
    for (const auto& part : parts) {
      mentions += part.mention_count(id);
      part.homes(id, found);
      EXPECT_EQ(part.has_home(id), !found.empty());
      homes += found.size();
    }
    EXPECT_EQ(mentions, whole.mention_count(id));
    whole.homes(id, found);
    EXPECT_EQ(homes, found.size());
  }
}

TEST(Parts, SeeNoDocumentOfOtherShards) {
  Corpus corpus{4};
  for (int i = 0; i < 40; ++i) corpus.put(make_document("d" + std::to_string(i), {"same"}));
  std::set<std::string> seen;
  for (std::uint32_t shard = 0; shard < 4; ++shard) {
    const ReadView part{corpus.index, std::span{&shard, 1}};
    part.for_each_chunk([&](ChunkRef ref) {
      EXPECT_EQ(ref.shard, shard);
      EXPECT_TRUE(seen.insert(part.chunk(ref).document->id).second);
      return true;
    });
    EXPECT_EQ(part.applied(), corpus.index->applied(shard));
  }
  EXPECT_EQ(seen.size(), 40U);
}

} // namespace
} // namespace graphrag::chunk::testing
