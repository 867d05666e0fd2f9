#pragma once
// From the bytes of a file to its text. Pure functions: no network, no files of their own (poppler
// reads its character maps, ICU its built-in data), no state between calls. Time and memory grow
// linearly with the input and the text; libraries that do not keep to that run in the sandbox.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "actors/document/error.hpp"
#include "actors/document/parsed_document.hpp"

namespace graphrag::document::formats {

// What one document may cost. Beyond a limit the answer is too_large or archive_bomb, never a cut
// text.
struct Limits {
  std::size_t max_text_bytes = std::size_t{64} << 20; // of the extracted text
  std::uint32_t max_pages = 5000;                     // pages, slides, sheets, chapters
  std::uint32_t max_cells = 2'000'000;                // of all tables of a workbook or CSV file
  std::uint64_t max_archive_bytes = std::uint64_t{512} << 20; // expanded members that are read
  std::uint64_t max_part_bytes = std::uint64_t{128} << 20;    // one expanded member
  std::uint32_t max_ratio = 200;      // expanded to packed, once 8 MiB came out
  std::uint32_t max_entries = 20'000; // members of an archive, parts of a message
  std::uint32_t max_depth = 256;      // nesting of JSON and of office XML
};

// Finds out the format by sniff() and reads it. `filename` and `declared_mime` may be empty; a
// charset in `declared_mime` is believed when the bytes agree.
Result<ParsedDocument> parse(std::string_view bytes, std::string_view filename,
                             std::string_view declared_mime, const Limits& limits = {});

} // namespace graphrag::document::formats
