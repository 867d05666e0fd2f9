#pragma once
// Why a document cannot be ingested: the named list of refusals (docs/formats.md explains each).
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace graphrag::document {

enum class Errc : std::uint8_t {
  unsupported_format, // we know what it is (or not) and do not read it
  no_text_layer,      // a readable file without any text, such as a scan
  empty_document,     // no bytes, or nothing but white space
  encrypted,          // needs a password
  corrupt,            // does not follow its own format
  bad_encoding,       // bytes are not text in any encoding that we know
  too_large,          // more text, pages, cells or entries than the limits allow
  archive_bomb,       // expands beyond the allowed ratio or size
  parser_crashed,     // the sandboxed parser died (signal in the detail)
  parser_timeout,     // the sandboxed parser exceeded its time
  parser_memory,      // the sandboxed parser exceeded its memory
};

std::string_view to_string(Errc code) noexcept;

struct Error {
  Errc code;
  std::string detail;
};
template <class T>
using Result = tl::expected<T, Error>;

} // namespace graphrag::document
