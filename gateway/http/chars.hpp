#pragma once
// Byte classes of RFC 9110 and RFC 3986, as tables made at compile time.
#include <array>
#include <cstdint>
#include <string_view>

namespace graphrag::gateway {

using ByteClass = std::array<bool, 256>;

constexpr ByteClass byte_class(std::string_view punctuation, bool letters_and_digits) {
  ByteClass table{};
  for (char c : punctuation) table[static_cast<unsigned char>(c)] = true;
  if (letters_and_digits) {
    for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  }
  return table;
}

inline constexpr ByteClass token_bytes = byte_class("!#$%&'*+-.^_`|~", true);
inline constexpr ByteClass path_bytes = byte_class("-._~!$&'()*+,;=:@%/", true);
// Browsers leave brackets, braces, bar, caret and back-tick bare in a query; nothing else is added.
inline constexpr ByteClass query_bytes = byte_class("-._~!$&'()*+,;=:@%/?[]{}|^`", true);
inline constexpr ByteClass host_bytes = byte_class("-._~:[]", true);

// Field values: visible, space, tab and the upper half; no other control byte.
constexpr ByteClass make_value_bytes() {
  ByteClass table{};
  for (std::size_t c = 0x20; c < 0x100; ++c) table[c] = c != 0x7f;
  table['\t'] = true;
  return table;
}
inline constexpr ByteClass value_bytes = make_value_bytes();

constexpr bool all_in(const ByteClass& table, std::string_view text) {
  for (char c : text) {
    if (!table[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view trim_blank(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

} // namespace graphrag::gateway
