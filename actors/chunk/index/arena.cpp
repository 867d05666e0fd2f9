#include "actors/chunk/index/arena.hpp"

#include <algorithm>

namespace graphrag::chunk::detail {

namespace {
constexpr std::size_t largest_block = std::size_t{1} << 18;
} // namespace

void* Arena::allocate(std::size_t bytes, std::size_t alignment) {
  auto aligned = [&](std::byte* at) {
    auto address = reinterpret_cast<std::uintptr_t>(at);
    return at + ((alignment - address % alignment) % alignment);
  };
  std::byte* at = next_ == nullptr ? nullptr : aligned(next_);
  if (at == nullptr || at > end_ || static_cast<std::size_t>(end_ - at) < bytes) {
    block_bytes_ = std::min(block_bytes_ * 2, largest_block);
    std::size_t size = std::max(block_bytes_, bytes + alignment);
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    bytes_.store(bytes_.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
    auto* block = blocks_.back().get();
    at = aligned(block);
    // A piece larger than the rest of its block's fellows leaves the current block in use.
    if (size > block_bytes_ && next_ != nullptr) return at;
    end_ = block + size;
  }
  next_ = at + bytes;
  return at;
}

} // namespace graphrag::chunk::detail
