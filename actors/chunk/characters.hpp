#pragma once
// Characters as analysis sees them: decoding and a coarse class. ASCII never reaches ICU.
#include <array>
#include <cstdint>
#include <string_view>

namespace graphrag::chunk {

enum class CharClass : std::uint8_t {
  other,  // spaces, punctuation, symbols
  letter, // of a script that writes words with spaces
  digit,
  mark, // combining; belongs to the letter before
  han,  // Chinese characters and kana: no spaces between words
  hangul,
  complex, // Thai, Lao, Khmer, Burmese: words by dictionary
};

struct Character {
  std::uint32_t code = 0;
  std::uint32_t bytes = 1;
};

// The character at `at`; a byte that is not UTF-8 counts as one character U+FFFD.
Character decode(std::string_view text, std::size_t at) noexcept;
// For any code point; ASCII is a table look-up.
CharClass classify(std::uint32_t code) noexcept;
bool is_upper(std::uint32_t code) noexcept;
bool is_latin(std::uint32_t code) noexcept;
bool is_space(std::uint32_t code) noexcept; // white space and format characters of any kind

inline bool is_ascii(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }
inline bool is_ascii_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline bool is_ascii_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_ascii_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
inline bool is_ascii_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
inline bool is_ascii_letter(char c) noexcept { return is_ascii_upper(c) || is_ascii_lower(c); }
inline char ascii_lower(char c) noexcept {
  return is_ascii_upper(c) ? static_cast<char>(c + 32) : c;
}
inline bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Code points of valid UTF-8.
std::uint32_t count_code_points(std::string_view text) noexcept;

} // namespace graphrag::chunk
