#pragma once
// Bytes of some encoding to UTF-8, by ICU alone (its data is built in; iconv would open files).
#include <optional>
#include <string>
#include <string_view>

#include "actors/document/error.hpp"

namespace graphrag::document::formats {

// In this order: byte order marks, the hint when the bytes fit it, UTF-16/32 by the place of the
// zero bytes, UTF-8, ICU's detection, windows-1252. Each must give plausible text; when none does
// the answer is bad_encoding. Every result is valid UTF-8 (it may still hold controls).
Result<std::string> decode(std::string_view bytes, std::string_view hint = {});

// Converts without judging the result; what is undefined becomes U+FFFD. Nothing for an unknown
// charset. Knows the -I and -E suffixes of Hebrew mail.
std::optional<std::string> convert(std::string_view bytes, std::string_view charset);

// "charset" or "encoding" out of a content type: text/html; charset="x" -> x.
std::string charset_of(std::string_view content_type);

} // namespace graphrag::document::formats
