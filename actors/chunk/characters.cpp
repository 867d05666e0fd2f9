#include "actors/chunk/characters.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

namespace graphrag::chunk {
namespace {

CharClass classify_ascii(std::uint32_t code) noexcept {
  const char c = static_cast<char>(code);
  if (is_ascii_letter(c)) return CharClass::letter;
  return is_ascii_digit(c) ? CharClass::digit : CharClass::other;
}

bool in_han_block(std::uint32_t code) noexcept {
  return (code >= 0x4E00 && code <= 0x9FFF) || (code >= 0x3400 && code <= 0x4DBF) ||
         (code >= 0x20000 && code <= 0x3FFFF) || (code >= 0xF900 && code <= 0xFAFF);
}

bool in_kana_block(std::uint32_t code) noexcept {
  return (code >= 0x3041 && code <= 0x3096) || (code >= 0x30A1 && code <= 0x30FA) ||
         code == 0x30FC || code == 0x3005 || code == 0x3007 || (code >= 0x31F0 && code <= 0x31FF) ||
         (code >= 0xFF66 && code <= 0xFF9D);
}

} // namespace

Character decode(std::string_view text, std::size_t at) noexcept {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::int64_t next = static_cast<std::int64_t>(at);
  const auto length = static_cast<std::int64_t>(text.size());
  UChar32 code = 0;
  U8_NEXT(bytes, next, length, code);
  if (code < 0) return {0xFFFD, 1};
  return {static_cast<std::uint32_t>(code),
          static_cast<std::uint32_t>(next - static_cast<std::int64_t>(at))};
}

CharClass classify(std::uint32_t code) noexcept {
  if (code < 0x80) return classify_ascii(code);
  if (in_han_block(code) || in_kana_block(code)) return CharClass::han;
  const auto c = static_cast<UChar32>(code);
  switch (u_charType(c)) {
  case U_UPPERCASE_LETTER:
  case U_LOWERCASE_LETTER:
  case U_TITLECASE_LETTER:
    return CharClass::letter;
  case U_MODIFIER_LETTER:
  case U_OTHER_LETTER:
    if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT)
      return CharClass::complex;
    if ((code >= 0xAC00 && code <= 0xD7FF) || (code >= 0x1100 && code <= 0x11FF) ||
        (code >= 0x3131 && code <= 0x318E))
      return CharClass::hangul;
    return CharClass::letter;
  case U_DECIMAL_DIGIT_NUMBER:
  case U_LETTER_NUMBER:
  case U_OTHER_NUMBER:
    return CharClass::digit;
  case U_NON_SPACING_MARK:
  case U_COMBINING_SPACING_MARK:
    return u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT ? CharClass::complex
                                                                              : CharClass::mark;
  default:
    return CharClass::other;
  }
}

bool is_upper(std::uint32_t code) noexcept {
  if (code < 0x80) return is_ascii_upper(static_cast<char>(code));
  const auto c = static_cast<UChar32>(code);
  return u_isupper(c) || u_istitle(c);
}

bool is_latin(std::uint32_t code) noexcept {
  if (code < 0x80) return is_ascii_letter(static_cast<char>(code));
  if (code <= 0x24F) return true;
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(code), &status) == USCRIPT_LATIN;
}

bool is_space(std::uint32_t code) noexcept {
  if (code < 0x80) return is_ascii_space(static_cast<char>(code));
  return u_isUWhiteSpace(static_cast<UChar32>(code)) ||
         u_charType(static_cast<UChar32>(code)) == U_FORMAT_CHAR;
}

std::uint32_t count_code_points(std::string_view text) noexcept {
  std::uint32_t count = 0;
  for (char c : text) count += is_continuation(c) ? 0U : 1U;
  return count;
}

} // namespace graphrag::chunk
