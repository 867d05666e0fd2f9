#include "actors/chunk/index/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace graphrag::chunk::detail {

std::uint64_t hash_of(std::string_view text) noexcept {
  return XXH3_64bits(text.data(), text.size());
}

} // namespace graphrag::chunk::detail
