#pragma once
// Tables of RTF: code pages, words that mean one character, destinations that hold no text.
#include <string>
#include <string_view>

namespace graphrag::document::formats {

// The charset (for ICU) of a Windows code page number; windows-1252 for unknown ones.
std::string rtf_charset(int code_page);
// The code page that a font's \fcharset stands for; 0 = that of the document.
int rtf_font_code_page(int fcharset);
// True for code pages where one character takes two bytes.
bool rtf_two_bytes(int code_page);
// \emdash, \bullet, \~ ...: the character, 0 for any other word.
char32_t rtf_character(std::string_view word);
// \fonttbl, \pict ...: groups whose text is not part of the document.
bool rtf_is_skipped(std::string_view destination);

// Headers, footers, footnotes: text that belongs after the body.
bool rtf_is_margin(std::string_view destination);

} // namespace graphrag::document::formats
