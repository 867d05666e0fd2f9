#pragma once
// Bytes as text.
#include <string>
#include <string_view>

namespace graphrag::runtime {

// Two lower-case digits a byte.
inline std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

} // namespace graphrag::runtime
