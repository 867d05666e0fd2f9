// A question over parts finds what it finds where everything is, field by field and bit by bit.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "actors/query/rerank.hpp"
#include "tests/unit/query/parts_fixture.hpp"

namespace graphrag::query::parts {
namespace {

chunk::Filter filter_of(const char* json) {
  return *chunk::parse_filter(nlohmann::json::parse(json));
}

Question any_question(World& world) {
  Question question;
  question.text = world.question();
  static constexpr Mode modes[] = {Mode::hybrid, Mode::hybrid, Mode::keyword, Mode::vector,
                                   Mode::local};
  question.mode = modes[world.below(5)];
  question.limit = static_cast<std::uint32_t>(1 + world.below(30));
  question.explain = world.below(2) == 0;
  question.answer = world.below(2) == 0;
  question.group_by_document = world.below(3) == 0;
  if (world.below(2) == 0) {
    const bool encoded = world.below(2) == 0;
    question.vector = world.vector(encoded ? 8 : 4);
    if (encoded) question.vector_model = "m";
  }
  static const std::vector<chunk::Filter> filters{
      filter_of(R"({"must":[{"key":"lang","match":"en"}]})"),
      filter_of(R"({"must_not":[{"key":"year","range":{"gte":1995,"lt":2003.5}}],
                    "should":[{"key":"title","exists":true},{"key":"lang","any":["zh","fr"]}]})"),
      filter_of(R"({"must":[{"key":"document_id","any":["d1","d2","d3","d4","d5"]}]})"),
      filter_of(R"({"must":[{"key":"nothing","match":true}]})")};
  if (const auto i = world.below(8); i < filters.size()) question.filter = filters[i];
  return question;
}

std::string shape(const Question& question) {
  return "\"" + question.text + "\" mode " + std::to_string(static_cast<int>(question.mode)) +
         " limit " + std::to_string(question.limit) + " filter " + filter_text(question.filter) +
         " vector " + question.vector_model + std::to_string(question.vector.size());
}

std::size_t most_rounds(const Question& question) {
  switch (question.mode) {
  case Mode::keyword:
  case Mode::vector:
    return 3;
  default:
    return 4;
  }
}

struct Setting {
  std::uint64_t seed;
  std::uint32_t shards;
  std::size_t nodes, changes, ids;
};
void PrintTo(const Setting& setting, std::ostream* out) {
  *out << "seed " << setting.seed << ", " << setting.nodes << " nodes, " << setting.shards
       << " shards";
}

class Spreads : public ::testing::TestWithParam<Setting> {};

TEST_P(Spreads, FindWhatTheWholeFinds) {
  const auto& setting = GetParam();
  World world{setting.seed};
  SpreadCollection collection{setting.shards, deal(setting.shards, setting.nodes, world)};
  world.fill(collection, setting.changes, setting.ids);
  std::size_t hits = 0, answers = 0, linked = 0;
  for (int i = 0; i < 60; ++i) {
    const auto question = any_question(world);
    SCOPED_TRACE(shape(question));
    const auto whole = collection.ask_whole(question);
    const auto asked = collection.ask_parts(question);
    ASSERT_FALSE(asked.broken) << asked.broken->detail;
    expect_equal(asked.result, whole);
    if (HasFailure()) return;
    EXPECT_LE(asked.rounds, most_rounds(question));
    hits += whole.hits.size();
    answers += whole.answer.citations.size();
    for (const auto& hit : whole.hits) linked += hit.signals && !hit.signals->via.empty() ? 1 : 0;
  }
  EXPECT_EQ(setting.changes > 0, hits > 0);
  EXPECT_EQ(setting.changes > 0, answers > 0);
  if (setting.changes > 20) {
    EXPECT_GT(linked, 0U);
  }
  for (const auto& node : collection.port.nodes) EXPECT_EQ(node->size(), 0U) << "released";
}

INSTANTIATE_TEST_SUITE_P(Random, Spreads,
                         ::testing::Values(Setting{1, 1, 1, 300, 150}, Setting{2, 6, 3, 400, 200},
                                           Setting{3, 64, 3, 600, 300}, Setting{4, 3, 8, 200, 100},
                                           Setting{5, 8, 2, 12, 12}, Setting{6, 4, 3, 0, 1},
                                           Setting{7, 16, 5, 900, 500}));

TEST(PartsView, AnswersAfterRerankingAreThoseOfTheWhole) {
  World world{11};
  SpreadCollection collection{6, deal(6, 3, world)};
  world.fill(collection, 300, 150);
  for (int i = 0; i < 10; ++i) {
    Question question;
    question.text = world.question();
    const auto reverse = [](QueryResult& result) {
      std::vector<double> scores;
      for (std::size_t j = 0; j < result.hits.size(); ++j) scores.push_back(static_cast<double>(j));
      rerank(result.hits, scores);
    };
    const auto seen = collection.whole->view();
    auto whole = run(seen, before_rerank(question, 20));
    reverse(whole);
    after_rerank(seen, question, whole);
    PartsView view{collection.port, *collection.clock, collection.spread(), collection.deadline()};
    auto parts = run(view, before_rerank(question, 20));
    const auto rounds = view.rounds();
    reverse(parts);
    after_rerank(view, question, parts);
    EXPECT_EQ(view.rounds(), rounds) << "everything was there already";
    expect_equal(parts, whole);
  }
}

// Nothing but the questions that are asked anyway: hints save rounds and change nothing.
class Unhinted final : public View {
public:
  explicit Unhinted(PartsView& view) : view_(view) {}
  void begin(const Question& question, std::size_t) override { view_.begin(question, 0); }
  const runtime::Error* broken() const noexcept override { return view_.broken(); }
  std::uint64_t chunk_count() override { return view_.chunk_count(); }
  chunk::TermId find_term(std::string_view term) override { return view_.find_term(term); }
  std::uint32_t document_frequency(chunk::TermId term) override {
    return view_.document_frequency(term);
  }
  float idf(chunk::TermId term) override { return view_.idf(term); }
  std::vector<chunk::ScoredChunk> top_k(std::span<const chunk::QueryTerm> terms,
                                        std::size_t k) override {
    return view_.top_k(terms, k);
  }
  void contributions(std::span<const chunk::ChunkRef> refs, std::span<const chunk::QueryTerm> terms,
                     std::span<float> out) override {
    view_.contributions(refs, terms, out);
  }
  std::vector<chunk::ScoredChunk> nearest(std::size_t k) override { return view_.nearest(k); }
  void similarities(std::span<const chunk::ChunkRef> refs, std::span<float> out) override {
    view_.similarities(refs, out);
  }
  bool passes(chunk::ChunkRef ref) override { return view_.passes(ref); }
  Place place(chunk::ChunkRef ref) override { return view_.place(ref); }
  chunk::ChunkView chunk(chunk::ChunkRef ref) override { return view_.chunk(ref); }
  chunk::ChunkView whole(chunk::ChunkRef ref) override { return view_.whole(ref); }
  chunk::TermId find_name(std::uint64_t key) override { return view_.find_name(key); }
  std::uint64_t name_key(chunk::TermId name) override { return view_.name_key(name); }
  std::uint32_t mention_count(chunk::TermId name) override { return view_.mention_count(name); }
  bool has_home(chunk::TermId name) override { return view_.has_home(name); }
  void homes(chunk::TermId name, NameHomes& out) override { view_.homes(name, out); }
  void mentions(chunk::TermId name, std::size_t limit, std::vector<chunk::ChunkRef>& out) override {
    view_.mentions(name, limit, out);
  }
  bool home_has_comma(chunk::TermId name) override { return view_.home_has_comma(name); }
  std::uint8_t kind_at_home(chunk::ChunkRef home, chunk::TermId name) override {
    return view_.kind_at_home(home, name);
  }
  bool describe(chunk::TermId name, std::string& written, std::uint8_t& kind) override {
    return view_.describe(name, written, kind);
  }

private:
  PartsView& view_;
};

TEST(PartsView, WhatIsNotHintedIsFetchedWhenAskedFor) {
  World world{12};
  SpreadCollection collection{6, deal(6, 3, world)};
  world.fill(collection, 200, 100);
  std::size_t more = 0;
  for (int i = 0; i < 20; ++i) {
    auto question = any_question(world);
    question.vector.clear(); // told in the first round only
    SCOPED_TRACE(shape(question));
    PartsView view{collection.port, *collection.clock, collection.spread(), collection.deadline()};
    Unhinted unhinted{view};
    const auto result = run(unhinted, question);
    ASSERT_EQ(view.broken(), nullptr) << view.broken()->detail;
    expect_equal(result, collection.ask_whole(question));
    more += view.rounds() > 4 ? 1 : 0;
  }
  EXPECT_GT(more, 5U);
}

TEST(PartsView, TimeThatIsUpGivesAPartialResult) {
  World world{13};
  SpreadCollection collection{6, deal(6, 3, world)};
  world.fill(collection, 200, 100);
  Question question;
  question.text = "Where was the director of The Quiet River born?";
  for (int stage = 0; stage < 4; ++stage) {
    const auto expired = [stage] { return [left = stage]() mutable { return left-- <= 0; }; };
    PartsView view{collection.port, *collection.clock, collection.spread(), collection.deadline()};
    const auto parts = run(view, question, expired());
    EXPECT_EQ(view.broken(), nullptr);
    EXPECT_EQ(parts.partial, stage < 3);
    expect_equal(parts, run(collection.whole->view(), question, expired()));
  }
}

TEST(PartsView, CountsRoundsOfAHybridQuestion) {
  World world{14};
  SpreadCollection collection{6, deal(6, 3, world)};
  world.fill(collection, 300, 150);
  Question question;
  question.text = "Where was the director of The Quiet River born?";
  for (const bool answer : {false, true}) {
    question.answer = answer;
    EXPECT_EQ(collection.ask_parts(question).rounds, 4U);
  }
  question.mode = Mode::keyword;
  EXPECT_LE(collection.ask_parts(question).rounds, 3U);
}

} // namespace
} // namespace graphrag::query::parts
