// The encoder beside a plain forward pass in double precision, written from the paper.
#include <cmath>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/encoder/encoder.hpp"
#include "runtime/encoder/kernels.hpp"
#include "tests/support/tiny_model.hpp"

using namespace graphrag;
using runtime::Encoder;
using runtime::TextRole;

namespace {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

struct Reference {
  test::TinyTensors tensors = test::tiny_tensors();
  test::TinyShape shape;

  const std::vector<float>& at(const std::string& name) const { return tensors.at(name).values; }

  Row normal(const Row& x, const std::string& name) const {
    double mean = 0, variance = 0;
    for (double v : x) mean += v / static_cast<double>(x.size());
    for (double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    Row out;
    for (std::size_t i = 0; i < x.size(); ++i)
      out.push_back((x[i] - mean) / std::sqrt(variance + 1e-12) * at(name + ".weight")[i] +
                    at(name + ".bias")[i]);
    return out;
  }

  Row linear(const Row& x, const std::string& name) const {
    const auto& weight = at(name + ".weight");
    Row out;
    for (std::size_t j = 0; j < at(name + ".bias").size(); ++j) {
      double sum = at(name + ".bias")[j];
      for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * weight[j * x.size() + i];
      out.push_back(sum);
    }
    return out;
  }

  Rows attention(const Rows& x, const std::string& layer) const {
    const std::size_t size = shape.hidden / shape.heads;
    Rows q, k, v, out(x.size(), Row(shape.hidden));
    for (const auto& row : x) {
      q.push_back(linear(row, layer + "attention.self.query"));
      k.push_back(linear(row, layer + "attention.self.key"));
      v.push_back(linear(row, layer + "attention.self.value"));
    }
    for (std::size_t head = 0; head < shape.heads; ++head)
      for (std::size_t a = 0; a < x.size(); ++a) {
        Row weight;
        double sum = 0;
        for (std::size_t b = 0; b < x.size(); ++b) {
          double dot = 0;
          for (std::size_t i = head * size; i < (head + 1) * size; ++i) dot += q[a][i] * k[b][i];
          weight.push_back(std::exp(dot / std::sqrt(static_cast<double>(size))));
          sum += weight.back();
        }
        for (std::size_t b = 0; b < x.size(); ++b)
          for (std::size_t i = head * size; i < (head + 1) * size; ++i)
            out[a][i] += weight[b] / sum * v[b][i];
      }
    for (auto& row : out) row = linear(row, layer + "attention.output.dense");
    return out;
  }

  Row vector(const std::vector<std::uint32_t>& ids, bool cls) const {
    const auto h = shape.hidden;
    Rows x;
    for (std::size_t p = 0; p < ids.size(); ++p) {
      Row row;
      for (std::size_t i = 0; i < h; ++i)
        row.push_back(at("embeddings.word_embeddings.weight")[ids[p] * h + i] +
                      at("embeddings.position_embeddings.weight")[p * h + i] +
                      at("embeddings.token_type_embeddings.weight")[i]);
      x.push_back(normal(row, "embeddings.LayerNorm"));
    }
    for (std::size_t l = 0; l < shape.layers; ++l) {
      const std::string layer = "encoder.layer." + std::to_string(l) + ".";
      const Rows mixed = attention(x, layer);
      for (std::size_t p = 0; p < x.size(); ++p) {
        for (std::size_t i = 0; i < h; ++i) x[p][i] += mixed[p][i];
        x[p] = normal(x[p], layer + "attention.output.LayerNorm");
        Row inner = linear(x[p], layer + "intermediate.dense");
        for (double& v : inner) v = v / 2 * (1 + std::erf(v / std::sqrt(2.0)));
        const Row outer = linear(inner, layer + "output.dense");
        for (std::size_t i = 0; i < h; ++i) x[p][i] += outer[i];
        x[p] = normal(x[p], layer + "output.LayerNorm");
      }
    }
    Row out = x[0];
    for (std::size_t p = 1; p < x.size() && !cls; ++p)
      for (std::size_t i = 0; i < h; ++i) out[i] += x[p][i];
    double squares = 0;
    for (double v : out) squares += v * v;
    for (double& v : out) v /= std::sqrt(squares);
    return out;
  }
};

std::shared_ptr<const Encoder> load(runtime::ModelFiles files) {
  auto encoder = Encoder::load(std::move(files));
  EXPECT_TRUE(encoder) << encoder.error().detail;
  return encoder ? *encoder : nullptr;
}

std::vector<float> encode(const Encoder& encoder, std::vector<std::string> texts) {
  std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<float> out(texts.size() * encoder.dimension());
  encoder.encode(views, TextRole::passage, out);
  return out;
}

const std::vector<std::string> samples{
    "", "the cat", "unaffable dogs, runs!", "中文 hello-world",
    "the cat runs the dog runs the cat runs the dog runs the cat runs the dog runs the cat runs "
    "the dog runs the cat runs the dog runs the cat runs the dog runs the cat runs"};

void expect_reference(const Encoder& encoder, const Reference& reference, bool cls) {
  const auto got = encode(encoder, samples);
  for (std::size_t t = 0; t < samples.size(); ++t) {
    const Row want = reference.vector(encoder.token_ids(samples[t], TextRole::passage), cls);
    for (std::size_t i = 0; i < want.size(); ++i)
      EXPECT_NEAR(got[t * want.size() + i], want[i], 2e-6) << "text " << t << " number " << i;
  }
}

} // namespace

TEST(EncoderForward, MeanPoolingGivesTheReferenceVectors) {
  auto encoder = load(test::tiny_model());
  ASSERT_TRUE(encoder);
  EXPECT_EQ(encoder->dimension(), 32u);
  EXPECT_EQ(encoder->max_tokens(), 40u);
  expect_reference(*encoder, {}, false);
}

TEST(EncoderForward, ClsPoolingGivesTheReferenceVectors) {
  auto files = test::tiny_model();
  files["1_Pooling/config.json"] = R"({"pooling_mode_cls_token": true})";
  expect_reference(*load(files), {}, true);
}

TEST(EncoderForward, SizesThatFillNoPanelGiveTheReferenceVectors) {
  Reference odd;
  odd.shape = {.hidden = 30, .layers = 1, .heads = 3, .intermediate = 401, .positions = 40};
  odd.tensors = test::tiny_tensors(odd.shape);
  expect_reference(*load(test::tiny_model(odd.shape)), odd, false);
}

TEST(EncoderForward, PrefixedAndHalfPrecisionWeightsAreTheSameModel) {
  auto files = test::tiny_model();
  files["model.safetensors"] = test::safetensors_of(test::tiny_tensors(), "bert.");
  expect_reference(*load(files), {}, false);

  Reference cut; // a BF16 file keeps the upper half of each float
  for (auto& [name, tensor] : cut.tensors)
    for (float& value : tensor.values) {
      std::uint32_t bits;
      std::memcpy(&bits, &value, 4);
      bits &= 0xFFFF0000u;
      std::memcpy(&value, &bits, 4);
    }
  files["model.safetensors"] = test::safetensors_of(test::tiny_tensors(), "", "BF16");
  expect_reference(*load(files), cut, false);
}

TEST(EncoderForward, AVectorIsTheSameBitsAloneAndInABatch) {
  auto encoder = load(test::tiny_model());
  std::vector<std::string> many;
  for (int round = 0; round < 20; ++round)
    for (const auto& text : samples) many.push_back(text);
  const auto together = encode(*encoder, many);
  for (std::size_t t = 0; t < many.size(); ++t) {
    const auto alone = encode(*encoder, {many[t]});
    EXPECT_TRUE(
        std::equal(alone.begin(), alone.end(), together.begin() + 32 * static_cast<long>(t)))
        << t;
  }
}

TEST(EncoderForward, FourThreadsGetTheVectorsOfOne) {
  auto encoder = load(test::tiny_model());
  const auto want = encode(*encoder, samples);
  std::vector<std::vector<float>> got(4);
  std::vector<std::thread> threads;
  for (auto& mine : got)
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) mine = encode(*encoder, samples);
    });
  for (auto& thread : threads) thread.join();
  for (const auto& mine : got) EXPECT_EQ(mine, want);
}

TEST(EncoderForward, VectorsHaveLengthOne) {
  const auto got = encode(*load(test::tiny_model()), samples);
  for (std::size_t t = 0; t < samples.size(); ++t) {
    double squares = 0;
    for (std::size_t i = 0; i < 32; ++i) squares += std::pow(got[t * 32 + i], 2);
    EXPECT_NEAR(squares, 1, 1e-6);
  }
}

TEST(EncoderForward, NoTextsAreNoWork) {
  EXPECT_TRUE(encode(*load(test::tiny_model()), {}).empty());
}

class EncoderKernels : public testing::TestWithParam<bool> {
protected:
  const runtime::encoder::Kernels* kernels =
      GetParam() ? runtime::encoder::avx2_kernels() : &runtime::encoder::plain_kernels();
  void SetUp() override {
    if (!kernels) GTEST_SKIP() << "this CPU has no AVX2";
  }
  std::mt19937 random{3};
  std::vector<float> some(std::size_t n) {
    std::vector<float> out(n);
    for (auto& x : out) x = static_cast<float>(random() % 2001) / 1000.0F - 1;
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(All, EncoderKernels, testing::Bool());

TEST_P(EncoderKernels, MultiplyIsTheMatrixProduct) {
  using namespace runtime::encoder;
  for (auto [rows, depth, columns] :
       {std::array<std::size_t, 3>{1, 1, 1}, {5, 8, 16}, {97, 385, 33}, {7, 800, 15}}) {
    const auto a = some(rows * (depth + 3)), weight = some(columns * depth), bias = some(columns);
    std::vector<float> panels(panels_size(depth, columns)), c(rows * (columns + 1), 9.0F),
        scratch(block_rows * block_depth);
    const Panels b = pack_transposed(weight.data(), depth, depth, columns, panels.data());
    kernels->multiply(a.data(), depth + 3, rows, b, bias.data(), c.data(), columns + 1,
                      scratch.data());
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t j = 0; j < columns; ++j) {
        double want = bias[j];
        for (std::size_t i = 0; i < depth; ++i)
          want += static_cast<double>(a[r * (depth + 3) + i]) * weight[j * depth + i];
        ASSERT_NEAR(c[r * (columns + 1) + j], want, 1e-4) << rows << " " << r << " " << j;
      }
      EXPECT_EQ(c[r * (columns + 1) + columns], 9.0F) << "wrote behind its row";
    }
  }
}

TEST_P(EncoderKernels, GeluIsWithinAMillionth) {
  std::vector<float> x;
  for (double v = -12; v < 12; v += 0.00371) x.push_back(static_cast<float>(v));
  for (float v : {0.0F, -0.0F, 1e-30F, 50.0F, -50.0F, 1e20F, -1e20F}) x.push_back(v);
  auto y = x;
  kernels->gelu(y.data(), y.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double v = x[i], want = v / 2 * (1 + std::erf(v / std::sqrt(2.0)));
    EXPECT_NEAR(y[i], want, 1e-6 * std::max(1.0, std::abs(v))) << v;
  }
}

TEST_P(EncoderKernels, SoftmaxSumsToOneAndKeepsRatios) {
  for (std::size_t n : {1u, 7u, 8u, 9u, 100u}) {
    const auto x = some(n);
    auto y = x;
    y.back() = -300; // far below the rest
    kernels->softmax(y.data(), n, 3.0F);
    double sum = 0;
    for (std::size_t i = 0; i + 1 < n; ++i) sum += std::exp(3.0 * x[i]);
    for (std::size_t i = 0; i + 1 < n; ++i) EXPECT_NEAR(y[i], std::exp(3.0 * x[i]) / sum, 1e-6);
    EXPECT_NEAR(y.back(), n == 1 ? 1.0 : 0.0, 1e-6);
  }
}
