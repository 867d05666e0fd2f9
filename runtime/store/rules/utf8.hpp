#pragma once
// UTF-8 as the store checks it: what is not valid is refused before it becomes durable.
#include <cstdint>
#include <optional>
#include <string_view>

namespace graphrag::runtime {

// The number of Unicode code points, or nothing when the bytes are not valid UTF-8 (overlong
// forms, surrogates and values above U+10FFFF are not).
std::optional<std::uint64_t> count_code_points(std::string_view bytes) noexcept;

inline bool valid_utf8(std::string_view bytes) noexcept {
  return count_code_points(bytes).has_value();
}

} // namespace graphrag::runtime
