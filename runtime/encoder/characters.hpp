#pragma once
// Characters of UTF-8 text as tokenizers see them. Bytes that are no UTF-8 read as U+FFFD.
#include <string>
#include <string_view>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace graphrag::runtime::encoder {

// The character at `at`, which moves behind it. at < text.size().
inline char32_t next_character(std::string_view text, std::size_t& at) {
  auto i = static_cast<int32_t>(at);
  UChar32 c;
  U8_NEXT_OR_FFFD(text.data(), i, static_cast<int32_t>(text.size()), c);
  at = static_cast<std::size_t>(i);
  return static_cast<char32_t>(c);
}

inline void append_character(std::string& text, char32_t c) {
  char bytes[U8_MAX_LENGTH];
  int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, c);
  text.append(bytes, static_cast<std::size_t>(length));
}

inline bool is_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }

inline bool is_punctuation(char32_t c) {
  if (c < 128) return c > 32 && c < 127 && !u_isalnum(static_cast<UChar32>(c));
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_P_MASK) != 0;
}

} // namespace graphrag::runtime::encoder
