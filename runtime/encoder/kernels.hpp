#pragma once
// The inner loops of the forward pass, once in plain C++ and once for AVX2 with FMA. Both are in
// every binary; the CPU is asked at run time. Functions are pure, thread-safe and allocate nothing.
// A number of a result depends on its own row only, never on how many rows are computed with it,
// so a text has the same bits alone and in a batch.
#include <cstddef>

#include "runtime/encoder/panels.hpp"

namespace graphrag::runtime::encoder {

// Rows and depth of the block of the left side that is packed at once: 147 KB, which stays in the
// second-level cache while the panels pass by.
inline constexpr std::size_t block_rows = 96;
inline constexpr std::size_t block_depth = 384;

struct Kernels {
  const char* name;
  // c[r][j] = start[j] + sum over i of a[r][i] * b[i][j]. Rows are a_stride and c_stride numbers
  // apart. `start` (a bias) may be null for 0. `scratch` has block_rows * block_depth numbers.
  void (*multiply)(const float* a, std::size_t a_stride, std::size_t rows, const Panels& b,
                   const float* start, float* c, std::size_t c_stride, float* scratch);
  // row[i] = exp(scale * row[i]) / sum, for n >= 1 numbers.
  void (*softmax)(float* row, std::size_t n, float scale);
  // x = x / 2 * (1 + erf(x / sqrt(2))), within 1e-6 of the exact value.
  void (*gelu)(float* x, std::size_t n);
  // x = x + residual (may be null), then (x - mean) / sqrt(variance + epsilon) * gain + bias.
  void (*layer_norm)(float* x, const float* residual, const float* gain, const float* bias,
                     std::size_t n, float epsilon);
};

const Kernels& plain_kernels();
// Null when the CPU (or the architecture) has no AVX2 with FMA.
const Kernels* avx2_kernels();
// The fastest this CPU can run.
const Kernels& best_kernels();

} // namespace graphrag::runtime::encoder
