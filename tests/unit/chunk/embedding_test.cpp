// From documents of the store to operations with vectors; encoders of a node; models as blobs.
#include <gtest/gtest.h>

#include "actors/chunk/analysed_document.hpp"
#include "actors/chunk/embedding/embed_group.hpp"
#include "actors/chunk/embedding/embed_part.hpp"
#include "actors/chunk/embedding/encoders.hpp"
#include "actors/chunk/embedding/model_blob.hpp"
#include "tests/support/tiny_model.hpp"

namespace graphrag::chunk {
namespace {

runtime::DocumentContent content(const std::string& id, const std::string& title,
                                 const std::vector<std::string>& chunks) {
  runtime::DocumentContent out;
  out.record.key = {"default", id};
  out.record.live_version = 3;
  out.record.title = title;
  for (const auto& text : chunks) {
    AnalysedChunk facts;
    facts.start_byte = static_cast<std::uint32_t>(out.text.size());
    out.text += text;
    facts.end_byte = static_cast<std::uint32_t>(out.text.size());
    out.chunks.push_back(
        {id + text, static_cast<std::uint32_t>(out.chunks.size()), 0, 0, pack(facts)});
  }
  return out;
}

const runtime::EmbedOp& embed(const std::vector<runtime::WriteOp>& ops, std::size_t i) {
  return std::get<runtime::EmbedOp>(ops.at(i));
}

TEST(PassageText, BeginsWithTheTitleUnlessTheTextDoes) {
  EXPECT_EQ(passage_text("Cats", "They purr."), "Cats They purr.");
  EXPECT_EQ(passage_text("Cats", "Cats purr."), "Cats purr.");
  EXPECT_EQ(passage_text("", "They purr."), "They purr.");
}

TEST(EmbedGroup, GivesEveryPassageOnceAndPutsVectorsWhereTheyBelong) {
  EmbedGroup group{
      "m", 2, {content("a", "A", {"one", "two", "three"}), content("b", "", {"four"})}};
  EXPECT_EQ(group.passages(), 4U);
  std::vector<std::string> texts;
  float next = 0;
  for (auto round = group.next(3); !round.empty(); round = group.next(3)) {
    EXPECT_LE(round.size(), 3U);
    for (auto& passage : round) {
      texts.push_back(passage.text);
      passage.vector[0] = next++;
      passage.vector[1] = -1;
    }
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"A one", "A two", "A three", "four"}));
  const auto ops = group.finish();
  ASSERT_EQ(ops.size(), 2U);
  EXPECT_EQ(embed(ops, 0).key.id, "a");
  EXPECT_EQ(embed(ops, 0).live_version, 3U);
  EXPECT_EQ(embed(ops, 0).vectors->floats, (std::vector<float>{0, -1, 1, -1, 2, -1}));
  EXPECT_EQ(embed(ops, 1).vectors->floats, (std::vector<float>{3, -1}));
  EXPECT_EQ(embed(ops, 1).vectors->model, "m");
}

TEST(EmbedGroup, FactsThatCannotBeReadLeaveZeros) {
  auto broken = content("a", "", {"one", "two"});
  broken.chunks[0].facts = "no facts";
  EmbedGroup group{"m", 1, {broken}};
  auto round = group.next(10);
  ASSERT_EQ(round.size(), 1U);
  EXPECT_EQ(round[0].text, "two");
  *round[0].vector = 1;
  EXPECT_TRUE(group.next(10).empty());
  EXPECT_EQ(embed(group.finish(), 0).vectors->floats, (std::vector<float>{0, 1}));
}

Encoders::EncoderPtr tiny(std::uint32_t seed) {
  return *runtime::Encoder::load(test::tiny_model({}, seed));
}

TEST(EmbedPart, IsWhatTheEncoderSaysOfEachPassageAndStopsWhenAsked) {
  const auto encoder = tiny(1);
  const auto dimension = encoder->dimension();
  std::vector<float> made(70 * dimension), one(dimension);
  EmbedPart part;
  for (std::size_t i = 0; i < 70; ++i)
    part.push_back({i % 2 == 0 ? "A pump." : "A longer passage of a valve.", &made[i * dimension]});
  std::stop_source stop;
  ASSERT_TRUE(encode_part(part, *encoder, stop.get_token()));
  for (std::size_t i = 0; i < 70; ++i) {
    const std::string_view text = part[i].text;
    encoder->encode({&text, 1}, runtime::TextRole::passage, one);
    for (std::size_t d = 0; d < dimension; ++d)
      EXPECT_NEAR(made[i * dimension + d], one[d], 1e-5) << i;
  }
  stop.request_stop();
  EXPECT_FALSE(encode_part(part, *encoder, stop.get_token()));
}

TEST(Encoders, TheActiveOneAnswersQuestions) {
  Encoders encoders{2};
  EXPECT_EQ(encoders.active(), nullptr);
  const auto one = tiny(1), two = tiny(2);
  encoders.set({{{"1", "building", 32, "", runtime::ModelState::building, 0}, one},
                {{"2", "active", 32, "", runtime::ModelState::active, 0}, two}});
  ASSERT_NE(encoders.active(), nullptr);
  EXPECT_EQ(encoders.active()->encoder, two);
  EXPECT_EQ(encoders.all().size(), 2U);
}

TEST(Encoders, AQuestionIsEncodedOnceWhileItIsRemembered) {
  Encoders encoders{2};
  const auto one = tiny(1), two = tiny(2);
  const auto first = encoders.question(one, "the cat");
  EXPECT_EQ(encoders.question(one, "the cat"), first) << "the same vector, not an equal one";
  EXPECT_NE(*encoders.question(two, "the cat"), *first);
  (void)encoders.question(one, "the dog");
  EXPECT_NE(encoders.question(one, "the cat"), first) << "forgotten: two others came since";
  EXPECT_EQ(*encoders.question(one, "the cat"), *first);
}

TEST(Encoders, OneThatNobodyCanAskIsNotTheActiveOne) {
  Encoders encoders;
  encoders.set({{{"1", "gone", 32, "", runtime::ModelState::active, 0}, nullptr}});
  EXPECT_EQ(encoders.active(), nullptr);
  encoders.set({{{"1", "endpoint", 32, "", runtime::ModelState::active, 0}, nullptr, true}});
  ASSERT_NE(encoders.active(), nullptr);
  EXPECT_EQ(encoders.active()->encoder, nullptr);
}

TEST(Encoders, VectorsOfAnEndpointAreRememberedByModel) {
  Encoders encoders{1};
  EXPECT_EQ(encoders.remembered("m", "cat"), nullptr);
  const auto vector = std::make_shared<const std::vector<float>>(2, 1.0F);
  encoders.remember("m", "cat", vector);
  EXPECT_EQ(encoders.remembered("m", "cat"), vector);
  EXPECT_EQ(encoders.remembered("n", "cat"), nullptr);
  encoders.remember("m", "dog", vector);
  EXPECT_EQ(encoders.remembered("m", "cat"), nullptr);
}

TEST(Encoders, AreBehindAtTheBound) {
  Encoders encoders;
  encoders.set_backlog(1'000'000'000);
  EXPECT_FALSE(encoders.behind()) << "there is no bound";
  encoders.set_backlog_bound(10);
  EXPECT_TRUE(encoders.behind());
  encoders.set_backlog(9);
  EXPECT_FALSE(encoders.behind());
}

TEST(ModelBlob, ComesBackAsItWas) {
  const auto files = test::tiny_model();
  auto back = unpack_model(pack_model(files));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, files);
}

TEST(ModelBlob, ForeignBytesAreRefused) {
  const auto packed = pack_model(test::tiny_model());
  for (const auto& bytes : {std::string{}, std::string{"text"}, packed.substr(0, packed.size() / 2),
                            std::string("\x92\x02\x80", 3), std::string("\x92\x01\x93", 3)}) {
    auto files = unpack_model(bytes);
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().code, runtime::Errc::corrupt);
  }
}

TEST(ModelBlob, AModelIsLoadedOnlyAsTheOneThatWasRegistered) {
  auto blobs = runtime::make_memory_blobs();
  const auto files = test::tiny_model();
  runtime::ModelRecord record{
      runtime::model_hash(files),  "tiny", 32, *blobs->put(pack_model(files)),
      runtime::ModelState::active, 0};
  auto encoder = load_model(*blobs, record);
  ASSERT_TRUE(encoder) << encoder.error().detail;
  EXPECT_EQ((*encoder)->hash(), record.hash);
  record.hash[0] = record.hash[0] == '0' ? '1' : '0';
  EXPECT_EQ(load_model(*blobs, record).error().code, runtime::Errc::corrupt);
  record.blob = "00";
  EXPECT_FALSE(load_model(*blobs, record));
}

} // namespace
} // namespace graphrag::chunk
