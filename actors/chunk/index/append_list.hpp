#pragma once
// A list that only grows at its end, written by one thread and read by any number without locks.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>

#include "actors/chunk/index/arena.hpp"

namespace graphrag::chunk::detail {

struct NoSummary {
  template <class T>
  void add(const T&) noexcept {}
};

// Blocks in an arena, linked; each twice as large as what came before, up to 128 items, so that a
// list of one stays small. An item is written before the block's count says so and never changes.
// `Summary` lives in each block and is told of every item before the count is; zero bytes must be a
// valid AppendList. Readers see every item that was appended before whatever made them look.
template <class T, class Summary = NoSummary>
class AppendList {
public:
  struct Block {
    std::atomic<Block*> next{nullptr};
    std::atomic<std::uint32_t> count{0};
    std::uint32_t capacity = 0;
    [[no_unique_address]] Summary summary;

    T* items() noexcept { return reinterpret_cast<T*>(reinterpret_cast<char*>(this) + items_at); }
    std::span<const T> view() const noexcept {
      return {reinterpret_cast<const T*>(reinterpret_cast<const char*>(this) + items_at),
              count.load(std::memory_order_acquire)};
    }
  };

  const Block* first() const noexcept { return first_.load(std::memory_order_acquire); }
  static const Block* next(const Block* block) noexcept {
    return block->next.load(std::memory_order_acquire);
  }
  std::uint32_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

  void append(Arena& arena, const T& item) {
    std::uint32_t size = size_.load(std::memory_order_relaxed);
    std::uint32_t used = last_ == nullptr ? 0 : last_->count.load(std::memory_order_relaxed);
    if (last_ == nullptr || used == last_->capacity) {
      grow(arena, std::clamp<std::uint32_t>(size, 2, 128));
      used = 0;
    }
    last_->summary.add(item);
    last_->items()[used] = item;
    last_->count.store(used + 1, std::memory_order_release);
    size_.store(size + 1, std::memory_order_relaxed);
  }

  // Calls `each(item)` in order until it returns false. Returns whether all were seen.
  template <class Each>
  bool for_each(Each&& each) const {
    for (const Block* block = first(); block != nullptr; block = next(block))
      for (const T& item : block->view())
        if (!each(item)) return false;
    return true;
  }

private:
  static constexpr std::size_t items_at =
      (sizeof(Block) + alignof(T) - 1) / alignof(T) * alignof(T);

  void grow(Arena& arena, std::uint32_t capacity) {
    void* memory =
        arena.allocate(items_at + capacity * sizeof(T), std::max(alignof(Block), alignof(T)));
    auto* block = new (memory) Block;
    block->capacity = capacity;
    if (last_ == nullptr)
      first_.store(block, std::memory_order_release);
    else
      last_->next.store(block, std::memory_order_release);
    last_ = block;
  }

  std::atomic<Block*> first_;
  Block* last_; // the writer's
  std::atomic<std::uint32_t> size_;
};

} // namespace graphrag::chunk::detail
