#include "actors/chunk/index/vector_store.hpp"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace graphrag::chunk::detail {
namespace {

std::int32_t dot_plain(const std::int8_t* a, const std::int8_t* b, std::size_t size) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += std::int32_t{a[i]} * b[i];
  return sum;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) std::int32_t dot_avx2(const std::int8_t* a, const std::int8_t* b,
                                                      std::size_t size) noexcept {
  __m256i sum = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    auto x = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i)));
    auto y = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i)));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
  }
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  return _mm_cvtsi128_si32(half) + dot_plain(a + i, b + i, size - i);
}
#endif

} // namespace

std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::size_t size) noexcept {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2");
  if (wide) return dot_avx2(a, b, size);
#endif
  return dot_plain(a, b, size);
}

float dot(const float* a, const float* b, std::size_t size) noexcept {
  float sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8)
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  float sum = 0;
  for (; i < size; ++i) sum += a[i] * b[i];
  for (float lane : sums) sum += lane;
  return sum;
}

bool normalise(std::span<float> vector) noexcept {
  double squares = 0;
  for (float value : vector) squares += double{value} * value;
  if (!std::isfinite(squares) || squares <= 0) return false;
  double factor = 1 / std::sqrt(squares);
  for (float& value : vector) value = static_cast<float>(value * factor);
  return true;
}

CodedVector encode(std::span<const float> unit, std::int8_t* codes) noexcept {
  float largest = 0;
  for (float value : unit) largest = std::max(largest, std::abs(value));
  CodedVector out;
  out.scale = largest / 127;
  double squares = 0;
  for (std::size_t i = 0; i < unit.size(); ++i) {
    float code = out.scale > 0 ? std::round(unit[i] / out.scale) : 0;
    codes[i] = static_cast<std::int8_t>(std::clamp(code, -127.0F, 127.0F));
    double off = double{unit[i]} - double{out.scale} * codes[i];
    squares += off * off;
  }
  out.error = static_cast<float>(std::sqrt(squares));
  return out;
}

void VectorStore::add(std::string_view model, std::uint32_t chunk, std::uint64_t born,
                      std::span<const float> unit) {
  Space* space = first_.load(std::memory_order_relaxed);
  while (space != nullptr && (space->dimension != unit.size() || space->model != model))
    space = space->next;
  if (space == nullptr) {
    space = arena_.array<Space>(1);
    auto* name = arena_.array<char>(model.size());
    std::copy(model.begin(), model.end(), name);
    space->model = {name, model.size()};
    space->dimension = unit.size();
    space->next = first_.load(std::memory_order_relaxed);
    first_.store(space, std::memory_order_release);
  }
  auto* codes = arena_.array<std::int8_t>(unit.size());
  auto coded = encode(unit, codes);
  space->rows.append(arena_, {born, chunk, coded, codes, unit.data()});
}

} // namespace graphrag::chunk::detail
