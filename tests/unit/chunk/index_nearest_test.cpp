#include <gtest/gtest.h>

#include "tests/unit/chunk/index_fixture.hpp"

namespace graphrag::chunk::testing {
namespace {

std::vector<float> random_vector(std::mt19937& random, std::size_t size) {
  std::normal_distribution<float> normal;
  std::vector<float> out(size);
  for (auto& value : out) value = normal(random);
  return out;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double product = 0, squares_a = 0, squares_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    product += double{a[i]} * b[i], squares_a += double{a[i]} * a[i],
        squares_b += double{b[i]} * b[i];
  return product / std::sqrt(squares_a * squares_b);
}

class Nearest : public ::testing::TestWithParam<std::pair<std::uint32_t, std::size_t>> {};

TEST_P(Nearest, EqualsAnExhaustiveScan) {
  auto [shards, dimension] = GetParam();
  std::mt19937 random{5};
  Corpus corpus{shards};
  std::map<std::string, std::vector<float>> vectors;
  for (int i = 0; i < 500; ++i) {
    auto document = make_document("d" + std::to_string(i), {"first", "second"},
                                  R"({"even": )" + std::string(i % 2 == 0 ? "true}" : "false}"));
    document->vector = random_vector(random, dimension);
    vectors[document->id] = document->vector;
    corpus.put(document);
  }
  for (int i = 0; i < 500; i += 9) {
    corpus.remove("d" + std::to_string(i));
    vectors.erase("d" + std::to_string(i));
  }
  auto view = corpus.index->view();
  Filter filter;
  filter.must.push_back({.kind = Condition::Kind::match, .key = "even", .values = {true}});
  auto even = view.compile(filter);
  for (int i = 0; i < 30; ++i) {
    auto query = random_vector(random, dimension);
    for (bool filtered : {false, true}) {
      std::vector<std::pair<double, std::string>> expected;
      for (const auto& [id, vector] : vectors)
        if (!filtered || std::stoi(id.substr(1)) % 2 == 0)
          expected.emplace_back(-cosine(query, vector), id);
      std::sort(expected.begin(), expected.end());
      auto found = readable(view, view.nearest("", query, 10, filtered ? even : FilterSet{}));
      ASSERT_EQ(found.size(), 10U);
      for (std::size_t rank = 0; rank < found.size(); ++rank) {
        EXPECT_EQ(found[rank].document, expected[rank].second);
        EXPECT_EQ(found[rank].index, 0U);
        EXPECT_NEAR(found[rank].score, -expected[rank].first, 1e-5);
      }
    }
  }
  EXPECT_EQ(corpus.index->stats().vectors, vectors.size());
}

INSTANTIATE_TEST_SUITE_P(Shapes, Nearest,
                         ::testing::Values(std::pair{1U, 3U}, std::pair{2U, 50U},
                                           std::pair{16U, 384U}));

TEST(NearestEdges, OtherDimensionsAndVectorsWithoutDirection) {
  Corpus corpus{1};
  auto put = [&](const std::string& id, std::vector<float> vector) {
    auto document = make_document(id, {"text"});
    document->vector = std::move(vector);
    corpus.put(document);
  };
  put("a", {3, 4});
  put("zero", {0, 0});
  put("infinite", {1, std::numeric_limits<float>::infinity()});
  put("none", {});
  auto view = corpus.index->view();
  EXPECT_TRUE(view.nearest("", std::vector<float>{1, 2, 3}, 5, {}).empty());
  EXPECT_TRUE(view.nearest("", std::vector<float>{0, 0}, 5, {}).empty());
  EXPECT_TRUE(view.nearest("", {}, 5, {}).empty());
  auto found = view.nearest("", std::vector<float>{6, 8}, 5, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FLOAT_EQ(found[0].score, 1.0F);
}

} // namespace
} // namespace graphrag::chunk::testing
