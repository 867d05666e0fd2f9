#pragma once
// The one shape that all extracted text has: valid UTF-8, NFC, LF line ends, no controls but
// newline and tab, at most one blank line in a row, no white space at the ends.
#include <string>
#include <string_view>

namespace graphrag::document::formats {

enum class Space {
  collapse, // runs of blanks become one, lines lose blanks at both ends (running text)
  keep,     // indentation and columns stay (code, plain text)
};

// Invalid UTF-8 becomes U+FFFD; soft hyphens, zero width spaces and byte order marks vanish;
// no-break and other odd blanks become spaces. More than 30 combining marks in a row are cut,
// which keeps normalisation linear.
std::string clean(std::string_view raw, Space space);

// The same as one line: newlines and tabs are blanks too.
std::string clean_line(std::string_view raw);

// Adds the code point as UTF-8; a surrogate or a value out of range becomes U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

// The longest beginning of `text` that has at most `bytes` bytes and ends on a character bound.
std::string_view prefix(std::string_view text, std::size_t bytes);

} // namespace graphrag::document::formats
