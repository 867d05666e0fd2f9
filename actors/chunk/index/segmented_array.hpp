#pragma once
// An array that grows without moving its elements.
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>

namespace graphrag::chunk::detail {

// Segments of 64, 128, 256 ... elements. One writer makes room and fills; readers may read element
// i once they have learned of i through something the writer published after filling it.
// Elements begin as zero bytes, which must be a valid T; calloc leaves untouched pages unmapped, so
// that the half-empty last segment costs little.
template <class T>
class SegmentedArray {
  static_assert(std::is_trivially_destructible_v<T>);

public:
  SegmentedArray() = default;
  ~SegmentedArray() {
    for (auto& segment : segments_) std::free(segment.load(std::memory_order_relaxed));
  }
  SegmentedArray(const SegmentedArray&) = delete;
  SegmentedArray& operator=(const SegmentedArray&) = delete;

  T& operator[](std::uint32_t i) noexcept { return *at(i); }
  const T& operator[](std::uint32_t i) const noexcept { return *at(i); }

  // By the writer: the element, in a segment that now exists.
  T& make(std::uint32_t i) {
    auto [segment, offset] = place(i);
    if (segments_[segment].load(std::memory_order_relaxed) == nullptr) {
      std::size_t count = first << segment;
      void* memory = std::calloc(count, sizeof(T));
      if (memory == nullptr) throw std::bad_alloc{};
      segments_[segment].store(static_cast<T*>(memory), std::memory_order_release);
      bytes_.store(bytes_.load(std::memory_order_relaxed) + count * sizeof(T),
                   std::memory_order_relaxed);
    }
    return segments_[segment].load(std::memory_order_relaxed)[offset];
  }

  // Of any index: null when no segment holds it yet.
  const T* find(std::uint32_t i) const noexcept {
    auto [segment, offset] = place(i);
    const T* items = segments_[segment].load(std::memory_order_acquire);
    return items == nullptr ? nullptr : items + offset;
  }

  // The segment around an index: element i is items[i - begin] for begin <= i < end, or all of them
  // are still zero when items is null. For walks that ask for neighbours.
  struct Segment {
    const T* items = nullptr;
    std::uint64_t begin = 0, end = 0;
    bool holds(std::uint32_t i) const noexcept { return i - begin < end - begin; }
  };
  Segment segment_of(std::uint32_t i) const noexcept {
    auto [segment, offset] = place(i);
    auto begin = (first << segment) - first;
    return {segments_[segment].load(std::memory_order_acquire), begin, begin + (first << segment)};
  }

  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
  static constexpr std::uint64_t first = 64;
  struct Place {
    unsigned segment;
    std::uint64_t offset;
  };
  static Place place(std::uint32_t i) noexcept {
    std::uint64_t shifted = i + first;
    unsigned segment = static_cast<unsigned>(std::bit_width(shifted)) - 7;
    return {segment, shifted - (first << segment)};
  }
  T* at(std::uint32_t i) const noexcept {
    auto [segment, offset] = place(i);
    return segments_[segment].load(std::memory_order_acquire) + offset;
  }

  std::array<std::atomic<T*>, 27> segments_{};
  std::atomic<std::uint64_t> bytes_{0};
};

} // namespace graphrag::chunk::detail
