#pragma once
// The layout in which the right side of a matrix product is kept: panels of 16 columns, in each
// panel the 16 numbers of row 0, then of row 1 and so on, so that the inner loop reads it straight
// through. A last panel with fewer columns is filled with zeros.
#include <cstddef>

namespace graphrag::runtime::encoder {

inline constexpr std::size_t panel_columns = 16;

// A view; the owner of the numbers keeps them alive.
struct Panels {
  const float* data = nullptr;
  std::size_t depth = 0;   // rows: the length of the sums
  std::size_t columns = 0; // numbers in a row of the result
};

constexpr std::size_t panels_size(std::size_t depth, std::size_t columns) {
  return (columns + panel_columns - 1) / panel_columns * panel_columns * depth;
}

// Packs the transpose of `columns` rows of `depth` numbers, `stride` apart: a weight matrix as
// published (one row for each output), or the keys of a head. `out` has panels_size() numbers.
inline Panels pack_transposed(const float* rows, std::size_t stride, std::size_t depth,
                              std::size_t columns, float* out) {
  for (std::size_t first = 0; first < columns; first += panel_columns)
    for (std::size_t j = 0; j < panel_columns; ++j) {
      float* to = out + first * depth + j;
      const float* from = rows + (first + j) * stride;
      const bool real = first + j < columns;
      for (std::size_t i = 0; i < depth; ++i) to[i * panel_columns] = real ? from[i] : 0.0F;
    }
  return {out, depth, columns};
}

// Packs `depth` rows of `columns` numbers, `stride` apart: the values of a head.
inline Panels pack_straight(const float* rows, std::size_t stride, std::size_t depth,
                            std::size_t columns, float* out) {
  for (std::size_t first = 0; first < columns; first += panel_columns)
    for (std::size_t i = 0; i < depth; ++i)
      for (std::size_t j = 0; j < panel_columns; ++j)
        out[first * depth + i * panel_columns + j] =
            first + j < columns ? rows[i * stride + first + j] : 0.0F;
  return {out, depth, columns};
}

} // namespace graphrag::runtime::encoder
