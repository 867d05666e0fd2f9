#include "runtime/encoder/kernels.hpp"

#if defined(__x86_64__)

#include <algorithm>
#include <cmath>
#include <immintrin.h>

// One function may use AVX2 and FMA while the rest of the binary stays baseline x86-64.
#define ENCODER_AVX2 __attribute__((target("avx2,fma")))

namespace graphrag::runtime::encoder {
namespace {

constexpr std::size_t tile_rows = 6; // 6 x 2 sums of 8 numbers: 12 of the 16 registers

// c (Rows x 16) = c or start, plus the packed rows times a panel. Packed: Rows numbers of one
// column, then of the next.
template <std::size_t Rows>
ENCODER_AVX2 void tile(const float* packed, const float* panel, std::size_t depth,
                       const float* start, std::size_t start_stride, float* c,
                       std::size_t c_stride) {
  __m256 sums[Rows][2];
#pragma GCC unroll 6
  for (std::size_t r = 0; r < Rows; ++r) {
    sums[r][0] = _mm256_loadu_ps(start + r * start_stride);
    sums[r][1] = _mm256_loadu_ps(start + r * start_stride + 8);
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < depth; ++i) {
    const __m256 low = _mm256_loadu_ps(panel + i * panel_columns);
    const __m256 high = _mm256_loadu_ps(panel + i * panel_columns + 8);
#pragma GCC unroll 6
    for (std::size_t r = 0; r < Rows; ++r) {
      const __m256 x = _mm256_broadcast_ss(packed + i * Rows + r);
      sums[r][0] = _mm256_fmadd_ps(x, low, sums[r][0]);
      sums[r][1] = _mm256_fmadd_ps(x, high, sums[r][1]);
    }
  }
#pragma GCC unroll 6
  for (std::size_t r = 0; r < Rows; ++r) {
    _mm256_storeu_ps(c + r * c_stride, sums[r][0]);
    _mm256_storeu_ps(c + r * c_stride + 8, sums[r][1]);
  }
}

using Tile = void (*)(const float*, const float*, std::size_t, const float*, std::size_t, float*,
                      std::size_t);
constexpr Tile tiles[] = {nullptr, tile<1>, tile<2>, tile<3>, tile<4>, tile<5>, tile<6>};

void pack_left(const float* a, std::size_t stride, std::size_t rows, std::size_t depth,
               float* out) {
  for (std::size_t r = 0; r < rows; r += tile_rows) {
    const std::size_t height = std::min(tile_rows, rows - r);
    for (std::size_t j = 0; j < height; ++j)
      for (std::size_t i = 0; i < depth; ++i) out[i * height + j] = a[(r + j) * stride + i];
    out += height * depth;
  }
}

// One panel times all packed rows. `start` has the panel's 16 numbers, `go_on` adds to c instead.
void multiply_panel(const float* packed, std::size_t rows, const float* panel, std::size_t depth,
                    const float* start, bool go_on, float* c, std::size_t c_stride) {
  for (std::size_t r = 0; r < rows; r += tile_rows) {
    const std::size_t height = std::min(tile_rows, rows - r);
    float* to = c + r * c_stride;
    tiles[height](packed, panel, depth, go_on ? to : start, go_on ? c_stride : 0, to, c_stride);
    packed += height * depth;
  }
}

// The last panel when it has fewer than 16 columns: by way of a buffer of full width.
void multiply_narrow(const float* packed, std::size_t rows, const float* panel, std::size_t depth,
                     std::size_t width, const float* start, bool go_on, float* c,
                     std::size_t c_stride) {
  float full[block_rows * panel_columns] = {};
  if (go_on)
    for (std::size_t r = 0; r < rows; ++r)
      std::copy_n(c + r * c_stride, width, full + r * panel_columns);
  multiply_panel(packed, rows, panel, depth, start, go_on, full, panel_columns);
  for (std::size_t r = 0; r < rows; ++r)
    std::copy_n(full + r * panel_columns, width, c + r * c_stride);
}

void multiply(const float* a, std::size_t a_stride, std::size_t rows, const Panels& b,
              const float* start, float* c, std::size_t c_stride, float* scratch) {
  for (std::size_t r = 0; r < rows; r += block_rows) {
    const std::size_t height = std::min(block_rows, rows - r);
    for (std::size_t i = 0; i < b.depth; i += block_depth) {
      const std::size_t depth = std::min(block_depth, b.depth - i);
      pack_left(a + r * a_stride + i, a_stride, height, depth, scratch);
      for (std::size_t j = 0; j < b.columns; j += panel_columns) {
        const float* panel = b.data + j * b.depth + i * panel_columns;
        const std::size_t width = std::min(panel_columns, b.columns - j);
        float first[panel_columns] = {};
        if (start) std::copy_n(start + j, width, first);
        float* to = c + r * c_stride + j;
        if (width == panel_columns)
          multiply_panel(scratch, height, panel, depth, first, i > 0, to, c_stride);
        else
          multiply_narrow(scratch, height, panel, depth, width, first, i > 0, to, c_stride);
      }
    }
  }
}

ENCODER_AVX2 inline float sum_of(__m256 x) {
  __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  y = _mm_add_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}

// exp for x <= 0: 2^n * exp(r) with |r| <= ln(2)/2 and the Taylor sum of degree 7, whose error is
// below 1e-8; x under -87 counts as -87.
ENCODER_AVX2 inline __m256 exp_of(__m256 x) {
  x = _mm256_max_ps(x, _mm256_set1_ps(-87.0F));
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504088896341F)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  // ln(2) in two parts: the first has few digits, so n times it is exact.
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375F), x);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4F), r);
  __m256 y = _mm256_set1_ps(1.0F / 5040);
  for (float factor : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F})
    y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(factor));
  const __m256i power =
      _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_mul_ps(y, _mm256_castsi256_ps(power));
}

ENCODER_AVX2 void softmax(float* row, std::size_t n, float scale) {
  const std::size_t whole = n / 8 * 8;
  float top = row[n - 1];
  for (std::size_t i = whole; i < n; ++i) top = std::max(top, row[i]);
  if (whole > 0) {
    __m256 tops = _mm256_loadu_ps(row);
    for (std::size_t i = 8; i < whole; i += 8) tops = _mm256_max_ps(tops, _mm256_loadu_ps(row + i));
    float each[8];
    _mm256_storeu_ps(each, tops);
    top = std::max(top, *std::max_element(each, each + 8));
  }
  const __m256 tops = _mm256_set1_ps(top), scales = _mm256_set1_ps(scale);
  __m256 sums = _mm256_setzero_ps();
  for (std::size_t i = 0; i < whole; i += 8) {
    const __m256 y = exp_of(_mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(row + i), tops), scales));
    sums = _mm256_add_ps(sums, y);
    _mm256_storeu_ps(row + i, y);
  }
  float sum = sum_of(sums);
  for (std::size_t i = whole; i < n; ++i) sum += row[i] = std::exp((row[i] - top) * scale);
  const float factor = 1 / sum;
  for (std::size_t i = 0; i < whole; i += 8)
    _mm256_storeu_ps(row + i, _mm256_mul_ps(_mm256_loadu_ps(row + i), _mm256_set1_ps(factor)));
  for (std::size_t i = whole; i < n; ++i) row[i] *= factor;
}

// erf by Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26 (error below 1.5e-7):
// erf(z) = 1 - (a1 t + ... + a5 t^5) exp(-z^2), t = 1 / (1 + p z), z >= 0.
ENCODER_AVX2 inline __m256 gelu_of(__m256 x) {
  const __m256 sign = _mm256_set1_ps(-0.0F), one = _mm256_set1_ps(1.0F);
  const __m256 z = _mm256_mul_ps(_mm256_andnot_ps(sign, x), _mm256_set1_ps(0.70710678118654752F));
  const __m256 t = _mm256_div_ps(one, _mm256_fmadd_ps(_mm256_set1_ps(0.3275911F), z, one));
  __m256 y = _mm256_set1_ps(1.061405429F);
  for (float factor : {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F})
    y = _mm256_fmadd_ps(y, t, _mm256_set1_ps(factor));
  y = _mm256_mul_ps(_mm256_mul_ps(y, t), exp_of(_mm256_xor_ps(_mm256_mul_ps(z, z), sign)));
  const __m256 erf = _mm256_or_ps(_mm256_sub_ps(one, y), _mm256_and_ps(sign, x));
  return _mm256_mul_ps(_mm256_mul_ps(x, _mm256_set1_ps(0.5F)), _mm256_add_ps(one, erf));
}

ENCODER_AVX2 void gelu(float* x, std::size_t n) {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) _mm256_storeu_ps(x + i, gelu_of(_mm256_loadu_ps(x + i)));
  if (i == n) return;
  float rest[8] = {};
  std::copy_n(x + i, n - i, rest);
  _mm256_storeu_ps(rest, gelu_of(_mm256_loadu_ps(rest)));
  std::copy_n(rest, n - i, x + i);
}

ENCODER_AVX2 void layer_norm(float* x, const float* residual, const float* gain, const float* bias,
                             std::size_t n, float epsilon) {
  const std::size_t whole = n / 8 * 8;
  __m256 sums = _mm256_setzero_ps();
  for (std::size_t i = 0; i < whole; i += 8) {
    __m256 y = _mm256_loadu_ps(x + i);
    if (residual) {
      y = _mm256_add_ps(y, _mm256_loadu_ps(residual + i));
      _mm256_storeu_ps(x + i, y);
    }
    sums = _mm256_add_ps(sums, y);
  }
  float sum = sum_of(sums);
  for (std::size_t i = whole; i < n; ++i) sum += x[i] += residual ? residual[i] : 0.0F;
  const float mean = sum / static_cast<float>(n);
  sums = _mm256_setzero_ps();
  for (std::size_t i = 0; i < whole; i += 8) {
    const __m256 y = _mm256_sub_ps(_mm256_loadu_ps(x + i), _mm256_set1_ps(mean));
    sums = _mm256_fmadd_ps(y, y, sums);
  }
  float squares = sum_of(sums);
  for (std::size_t i = whole; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const float factor = 1 / std::sqrt(squares / static_cast<float>(n) + epsilon);
  for (std::size_t i = 0; i < whole; i += 8) {
    const __m256 y = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(x + i), _mm256_set1_ps(mean)),
                                   _mm256_set1_ps(factor));
    _mm256_storeu_ps(x + i,
                     _mm256_fmadd_ps(y, _mm256_loadu_ps(gain + i), _mm256_loadu_ps(bias + i)));
  }
  for (std::size_t i = whole; i < n; ++i) x[i] = (x[i] - mean) * factor * gain[i] + bias[i];
}

} // namespace

const Kernels* avx2_kernels() {
  static constexpr Kernels kernels{"avx2", multiply, softmax, gelu, layer_norm};
  static const bool can = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return can ? &kernels : nullptr;
}

} // namespace graphrag::runtime::encoder

#else

namespace graphrag::runtime::encoder {
const Kernels* avx2_kernels() { return nullptr; }
} // namespace graphrag::runtime::encoder

#endif
