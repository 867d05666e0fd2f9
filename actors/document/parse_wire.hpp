#pragma once
// The layout that both ends of parse_codec.hpp share.
//
//   request  [version, filename, mime, eight limits ..., bytes]
//   answer   [version, 0, text, title, mime, pages, blocks, key, value, key, value ...]
//            [version, 1, error code, detail]
//
// Blocks are one run of fixed records: kind, level (a byte each), page, start, end (32 bits each).
#include <cstddef>
#include <cstdint>

namespace graphrag::document::wire {

inline constexpr std::uint64_t version = 1;
inline constexpr std::size_t block_bytes = 14;
inline constexpr std::size_t max_properties = 4096;
inline constexpr std::size_t max_line_bytes = 64 << 10; // of a title, a property, a detail

} // namespace graphrag::document::wire
