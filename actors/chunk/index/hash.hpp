#pragma once
#include <cstdint>
#include <string_view>

namespace graphrag::chunk::detail {

std::uint64_t hash_of(std::string_view text) noexcept; // xxh3_64

// Spreads a key that is a hash already, or that somebody else chose.
inline std::uint64_t hash_of(std::uint64_t key) noexcept {
  key ^= key >> 32;
  return key * 0x9e3779b97f4a7c15ULL;
}

} // namespace graphrag::chunk::detail
