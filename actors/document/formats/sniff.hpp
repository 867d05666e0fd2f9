#pragma once
// What a file is, judged by its content. Names and declared types decide only between kinds of
// text, which bytes alone cannot tell apart. No library that parses runs here: safe in any process.
#include <cstdint>
#include <string>
#include <string_view>

#include "actors/document/error.hpp"

namespace graphrag::document::formats {

enum class Format : std::uint8_t {
  text, // also reStructuredText, Org, source code, logs
  markdown,
  html,
  xml,
  pdf,
  docx,
  pptx,
  xlsx,
  csv, // also with tabs, semicolons, bars
  odt,
  epub,
  eml,
  rtf,
  json,
  ndjson,
  unsupported,
};

std::string_view to_string(Format format) noexcept;

struct Sniffed {
  Format format = Format::unsupported;
  std::string mime;
  std::string reason;                      // why this format, or why it is refused
  Errc refusal = Errc::unsupported_format; // of Format::unsupported: also encrypted, corrupt
};

Sniffed sniff(std::string_view bytes, std::string_view filename, std::string_view declared_mime);

// True for the formats that our own code reads in linear time, without a library that has known
// bad inputs: they need no sandbox. (Markdown does: cmark-gfm has quadratic cases.)
bool trusted_in_process(Format format) noexcept;

} // namespace graphrag::document::formats
