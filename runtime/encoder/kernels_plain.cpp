#include <algorithm>
#include <cmath>

#include "runtime/encoder/kernels.hpp"

namespace graphrag::runtime::encoder {
namespace {

void multiply(const float* a, std::size_t a_stride, std::size_t rows, const Panels& b,
              const float* start, float* c, std::size_t c_stride, float*) {
  for (std::size_t first = 0; first < b.columns; first += panel_columns) {
    const std::size_t width = std::min(panel_columns, b.columns - first);
    for (std::size_t r = 0; r < rows; ++r) {
      float sums[panel_columns] = {};
      if (start) std::copy_n(start + first, width, sums);
      const float* panel = b.data + first * b.depth;
      for (std::size_t i = 0; i < b.depth; ++i, panel += panel_columns)
        for (std::size_t j = 0; j < panel_columns; ++j) sums[j] += a[r * a_stride + i] * panel[j];
      std::copy_n(sums, width, c + r * c_stride + first);
    }
  }
}

void softmax(float* row, std::size_t n, float scale) {
  const float top = *std::max_element(row, row + n);
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += row[i] = std::exp((row[i] - top) * scale);
  for (std::size_t i = 0; i < n; ++i) row[i] /= sum;
}

void gelu(float* x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    x[i] = 0.5F * x[i] * (1 + std::erf(x[i] * 0.70710678118654752F));
}

void layer_norm(float* x, const float* residual, const float* gain, const float* bias,
                std::size_t n, float epsilon) {
  if (residual)
    for (std::size_t i = 0; i < n; ++i) x[i] += residual[i];
  float sum = 0, squares = 0;
  for (std::size_t i = 0; i < n; ++i) sum += x[i];
  const float mean = sum / static_cast<float>(n);
  for (std::size_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const float factor = 1 / std::sqrt(squares / static_cast<float>(n) + epsilon);
  for (std::size_t i = 0; i < n; ++i) x[i] = (x[i] - mean) * factor * gain[i] + bias[i];
}

} // namespace

const Kernels& plain_kernels() {
  static constexpr Kernels kernels{"plain", multiply, softmax, gelu, layer_norm};
  return kernels;
}

const Kernels& best_kernels() {
  const Kernels* fast = avx2_kernels();
  return fast ? *fast : plain_kernels();
}

} // namespace graphrag::runtime::encoder
