#pragma once
// Text for a person at a terminal.
#include <cstdint>
#include <string>
#include <string_view>

namespace graphrag::client {

// Documents come from anywhere: control characters (and so escape sequences), and bytes that are
// no UTF-8, are replaced before they reach a terminal. Newlines become spaces.
std::string printable(std::string_view text);

// At most `width` characters, the rest as "...". Never cuts a character.
std::string shortened(std::string_view text, std::size_t width);

// With spaces to at least `columns` columns of a terminal; Chinese characters take two.
std::string padded(std::string_view text, std::size_t columns);
std::size_t columns_of(std::string_view text);

std::string human_bytes(double bytes);     // "3.2 MB"
std::string human_seconds(double seconds); // "850 us", "12.4 ms", "3.1 s"

} // namespace graphrag::client
