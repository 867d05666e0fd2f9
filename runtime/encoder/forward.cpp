#include "runtime/encoder/forward.hpp"

#include <algorithm>
#include <cmath>

namespace graphrag::runtime::encoder {
namespace {

std::size_t padded(std::size_t n) { return panels_size(1, n); }

auto numbers(std::size_t n) { return std::make_unique_for_overwrite<float[]>(n); }

void embed(const Model& m, const TokenIds& ids, float* row) {
  const std::size_t hidden = m.config.hidden;
  for (std::size_t at = 0; at < ids.size(); ++at, row += hidden) {
    const float* word = m.weights.words() + ids[at] * hidden;
    const float* position = m.weights.positions() + (m.config.first_position + at) * hidden;
    for (std::size_t i = 0; i < hidden; ++i) row[i] = word[i] + m.weights.types()[i] + position[i];
    m.kernels.layer_norm(row, nullptr, m.weights.norm().gain, m.weights.norm().bias, hidden,
                         m.config.epsilon);
  }
}

// Attention of one text, whose rows begin at `first`; from `projected` to `context`.
void attend(const Model& m, std::size_t first, std::size_t length, Workspace& space) {
  const std::size_t hidden = m.config.hidden, size = hidden / m.config.heads, stride = 3 * hidden,
                    score_stride = padded(length);
  const float scale = 1 / std::sqrt(static_cast<float>(size));
  for (std::size_t head = 0; head < m.config.heads; ++head) {
    const float* query = space.projected.get() + first * stride + head * size;
    float* context = space.context.get() + first * hidden + head * size;
    const Panels keys = pack_transposed(query + hidden, stride, size, length, space.keys.get());
    const Panels values =
        pack_straight(query + 2 * hidden, stride, length, size, space.values.get());
    for (std::size_t row = 0; row < length; row += block_rows) {
      const std::size_t rows = std::min(block_rows, length - row);
      m.kernels.multiply(query + row * stride, stride, rows, keys, nullptr, space.scores.get(),
                         score_stride, space.scratch.get());
      for (std::size_t r = 0; r < rows; ++r)
        m.kernels.softmax(space.scores.get() + r * score_stride, length, scale);
      m.kernels.multiply(space.scores.get(), score_stride, rows, values, nullptr,
                         context + row * hidden, hidden, space.scratch.get());
    }
  }
}

// state = norm(state + mixed), row by row.
void add_and_norm(const Model& m, std::size_t rows, const Norm& norm, float* state,
                  const float* mixed) {
  const std::size_t hidden = m.config.hidden;
  for (std::size_t r = 0; r < rows; ++r)
    m.kernels.layer_norm(state + r * hidden, mixed + r * hidden, norm.gain, norm.bias, hidden,
                         m.config.epsilon);
}

void feed_forward(const Model& m, const Layer& layer, std::size_t rows, Workspace& space) {
  const std::size_t hidden = m.config.hidden, wide = m.config.intermediate;
  for (std::size_t first = 0; first < rows; first += block_rows) {
    const std::size_t height = std::min(block_rows, rows - first);
    float* state = space.state.get() + first * hidden;
    m.kernels.multiply(state, hidden, height, layer.up.weight, layer.up.bias, space.inner.get(),
                       wide, space.scratch.get());
    m.kernels.gelu(space.inner.get(), height * wide);
    m.kernels.multiply(space.inner.get(), wide, height, layer.down.weight, layer.down.bias,
                       space.mixed.get(), hidden, space.scratch.get());
    add_and_norm(m, height, layer.output_norm, state, space.mixed.get());
  }
}

void pool(const BertConfig& config, const float* rows, std::size_t length, float* out) {
  const std::size_t hidden = config.hidden;
  std::copy_n(rows, hidden, out);
  if (config.pooling == Pooling::mean)
    for (std::size_t r = 1; r < length; ++r)
      for (std::size_t i = 0; i < hidden; ++i) out[i] += rows[r * hidden + i];
  // The mean's divisor cancels against the unit length.
  double squares = 0;
  for (std::size_t i = 0; i < hidden; ++i) squares += static_cast<double>(out[i]) * out[i];
  const double norm = std::sqrt(squares);
  const bool usable = std::isfinite(norm) && norm > 0;
  for (std::size_t i = 0; i < hidden; ++i)
    out[i] = usable ? static_cast<float>(out[i] / norm) : 0.0F;
}

} // namespace

Workspace::Workspace(const BertConfig& config, std::size_t rows, std::size_t longest)
    : state{numbers(rows * config.hidden)}, mixed{numbers(rows * config.hidden)},
      projected{numbers(rows * 3 * config.hidden)}, context{numbers(rows * config.hidden)},
      inner{numbers(std::min(rows, block_rows) * config.intermediate)},
      keys{numbers(panels_size(config.hidden / config.heads, longest))},
      values{numbers(panels_size(longest, config.hidden / config.heads))},
      scores{numbers(std::min(longest, block_rows) * padded(longest))}, scratch{
                                                                            numbers(block_rows *
                                                                                    block_depth)} {}

void forward(const Model& m, std::span<const TokenIds* const> texts, std::span<float* const> out,
             Workspace& space) {
  const std::size_t hidden = m.config.hidden;
  std::size_t rows = 0;
  for (const auto* ids : texts) {
    embed(m, *ids, space.state.get() + rows * hidden);
    rows += ids->size();
  }
  float* projected = space.projected.get();
  for (const Layer& layer : m.weights.layers()) {
    for (const Linear* linear : {&layer.query, &layer.key, &layer.value}) {
      m.kernels.multiply(space.state.get(), hidden, rows, linear->weight, linear->bias, projected,
                         3 * hidden, space.scratch.get());
      projected += hidden;
    }
    projected = space.projected.get();
    std::size_t first = 0;
    for (const auto* ids : texts) {
      attend(m, first, ids->size(), space);
      first += ids->size();
    }
    m.kernels.multiply(space.context.get(), hidden, rows, layer.attention_output.weight,
                       layer.attention_output.bias, space.mixed.get(), hidden, space.scratch.get());
    add_and_norm(m, rows, layer.attention_norm, space.state.get(), space.mixed.get());
    feed_forward(m, layer, rows, space);
  }
  std::size_t first = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    pool(m.config, space.state.get() + first * hidden, texts[i]->size(), out[i]);
    first += texts[i]->size();
  }
}

} // namespace graphrag::runtime::encoder
