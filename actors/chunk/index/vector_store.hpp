#pragma once
// The vectors of a shard's chunks, scanned exactly.
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "actors/chunk/index/append_list.hpp"

namespace graphrag::chunk::detail {

// A unit vector in signed bytes: value = scale * code, and how far that is from the truth.
struct CodedVector {
  float scale = 0, error = 0; // error: Euclidean distance between vector and coded vector
};

// Writes size codes of a unit vector.
CodedVector encode(std::span<const float> unit, std::int8_t* codes) noexcept;
std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::size_t size) noexcept;
// Always summed in the same order: equal input gives equal bits.
float dot(const float* a, const float* b, std::size_t size) noexcept;
// False when there is no direction: empty, zero or not finite.
bool normalise(std::span<float> vector) noexcept;

// One space per model and dimension that ever occurred, since only these can be compared. One
// writer, readers without locks.
class VectorStore {
public:
  struct Row {
    std::uint64_t born;  // sequence number
    std::uint32_t chunk; // ord
    CodedVector coded;
    const std::int8_t* codes;
    const float* exact;
  };

  // `unit` must outlive the store.
  void add(std::string_view model, std::uint32_t chunk, std::uint64_t born,
           std::span<const float> unit);

  // Calls `each(row)` for all vectors of this kind in the order of adding.
  template <class Each>
  void for_each(std::string_view model, std::size_t dimension, Each&& each) const {
    for (const Space* space = first_.load(std::memory_order_acquire); space != nullptr;
         space = space->next)
      if (space->dimension == dimension && space->model == model)
        space->rows.for_each([&](const Row& row) {
          each(row);
          return true;
        });
  }

  std::uint64_t bytes() const noexcept { return arena_.bytes(); }

private:
  struct Space {
    std::string_view model; // in the arena
    std::size_t dimension;
    Space* next;
    AppendList<Row> rows;
  };
  Arena arena_;
  std::atomic<Space*> first_{nullptr};
};

} // namespace graphrag::chunk::detail
