// How background work bears an endpoint that fails.
#include "actors/models/endpoint_patience.hpp"

#include <gtest/gtest.h>

#include "actors/models/model_desk.hpp"
#include "actors/models/unit_vectors.hpp"

namespace graphrag {
namespace {

using runtime::Errc;
using namespace std::chrono_literals;

EndpointPatience::Document document(const std::string& collection, const std::string& id) {
  return {{collection, id}, 1};
}

class Patience : public testing::Test {
protected:
  void fails(Errc code, const std::vector<EndpointPatience::Document>& documents) {
    patience.failed({code, "why"}, documents, now);
  }
  EndpointPatience patience;
  runtime::SteadyTime now{1h};
  const EndpointPatience::Document a = document("c", "a"), b = document("c", "b"),
                                   other = document("d", "a");
};

TEST_F(Patience, AnEndpointThatIsAwayIsLeftAloneEverLonger) {
  EXPECT_LE(patience.again(), now);
  auto last = 0ms;
  for (int i = 0; i < 12; ++i) {
    fails(Errc::unavailable, {a});
    const auto pause =
        std::chrono::duration_cast<std::chrono::milliseconds>(patience.again() - now);
    EXPECT_GE(pause, last);
    EXPECT_LE(pause, EndpointPatience::longest_pause);
    last = pause;
    now = patience.again();
  }
  EXPECT_EQ(last, EndpointPatience::longest_pause);
  EXPECT_FALSE(patience.aside(a, now)) << "it is not the document's fault";
  patience.succeeded();
  fails(Errc::timeout, {a});
  EXPECT_EQ(patience.again() - now, EndpointPatience::first_pause);
}

TEST_F(Patience, WhoIsRefusedIsTriedAloneThenSetAsideForAWhile) {
  fails(Errc::invalid_argument, {a, b});
  EXPECT_TRUE(patience.one_by_one());
  EXPECT_FALSE(patience.aside(a, now));
  fails(Errc::corrupt, {a});
  EXPECT_TRUE(patience.aside(a, now));
  EXPECT_FALSE(patience.aside({a.first, 2}, now)) << "another version is another text";
  EXPECT_FALSE(patience.aside(b, now));
  EXPECT_TRUE(patience.one_by_one());
  patience.succeeded();
  EXPECT_FALSE(patience.one_by_one());
  EXPECT_TRUE(patience.aside(a, now + EndpointPatience::document_aside - 1s));
  EXPECT_FALSE(patience.aside(a, now + EndpointPatience::document_aside)) << "never for good";
}

TEST_F(Patience, ASpentBudgetSetsItsCollectionAsideAndNoOther) {
  fails(Errc::overloaded, {a, b});
  EXPECT_TRUE(patience.aside(a, now) && patience.aside(b, now));
  EXPECT_TRUE(patience.aside(document("c", "new"), now));
  EXPECT_FALSE(patience.aside(other, now));
  EXPECT_LE(patience.again(), now) << "others may be asked at once";
  EXPECT_FALSE(patience.aside(a, now + EndpointPatience::collection_aside));
}

TEST_F(Patience, MemoryIsBounded) {
  for (int i = 0; i < 5'000; ++i) fails(Errc::corrupt, {document("c", std::to_string(i))});
  int aside = 0;
  for (int i = 0; i < 5'000; ++i)
    aside += patience.aside(document("c", std::to_string(i)), now) ? 1 : 0;
  EXPECT_EQ(aside, static_cast<int>(EndpointPatience::max_aside));
}

TEST(UnitVectors, HaveLengthOne) {
  const auto made = unit_vectors({{3, 4}, {0, 0}, {3e38F, 3e38F}}, 2);
  ASSERT_TRUE(made);
  EXPECT_FLOAT_EQ((*made)[0][0], 0.6F);
  EXPECT_FLOAT_EQ((*made)[0][1], 0.8F);
  EXPECT_EQ((*made)[1], (std::vector<float>{0, 0}));
  EXPECT_NEAR((*made)[2][0], 0.7071F, 1e-3);
}

TEST(UnitVectors, OfAnotherDimensionAreRefused) {
  EXPECT_EQ(unit_vectors({{1, 2}, {1, 2, 3}}, 2).error().code, Errc::corrupt);
  EXPECT_EQ(unit_vectors({}, 2).error().code, Errc::corrupt);
}

TEST(ModelDesk, DoesNothingUnlessItIsSetUp) {
  const ModelDesk desk;
  EXPECT_FALSE(desk.does(ModelWork::passages));
  EXPECT_FALSE(desk.submit(ModelWork::answers, [](const auto&) { FAIL(); }));
}

TEST(EmbeddingModelHash, TellsModelsApart) {
  const auto one = embedding_model_hash("http://h/v1", "m", 3);
  EXPECT_EQ(one, embedding_model_hash("http://h/v1", "m", 3));
  EXPECT_EQ(one.size(), 64U);
  EXPECT_NE(one, embedding_model_hash("http://g/v1", "m", 3));
  EXPECT_NE(one, embedding_model_hash("http://h/v1", "n", 3));
  EXPECT_NE(one, embedding_model_hash("http://h/v1", "m", 4));
  const auto with = [](const TextPrefixes& prefixes) {
    return embedding_model_hash("http://h/v1", "m", 3, prefixes);
  };
  EXPECT_EQ(one, with({}));
  EXPECT_NE(one, with({"a", ""}));
  EXPECT_NE(with({"ab", "c"}), with({"a", "bc"}));
  EXPECT_NE(with({"a", ""}), with({"", "a"}));
}

} // namespace
} // namespace graphrag
