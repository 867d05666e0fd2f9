#pragma once
// Memory that is handed out piece by piece and returned all at once.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace graphrag::chunk::detail {

// One writer; bytes() from any thread. Pieces stay where they are for the arena's life. Starts
// small, so that a collection of a few documents costs little.
class Arena {
public:
  void* allocate(std::size_t bytes, std::size_t alignment = 8);

  // Elements with their default value.
  template <class T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    auto* items = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (items + i) T{};
    return items;
  }

  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t block_bytes_ = 2048;
  std::atomic<std::uint64_t> bytes_{0};
};

} // namespace graphrag::chunk::detail
