#include "actors/document/formats/parse.hpp"

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"
#include "actors/document/formats/readers.hpp"
#include "actors/document/formats/sniff.hpp"

namespace graphrag::document::formats {
namespace {

Outline outline_of(std::string_view filename) {
  const auto ending = extension(filename);
  if (ending == "rst") return Outline::restructured_text;
  return ending == "org" ? Outline::org : Outline::none;
}

Result<ParsedDocument> parse_text_kind(const Sniffed& kind, std::string_view bytes,
                                       std::string_view filename, std::string_view declared_mime,
                                       const Limits& limits) {
  const auto hint = charset_of(declared_mime);
  const bool markup = kind.format == Format::html || kind.format == Format::xml;
  const auto text = markup ? decode_markup(bytes, hint) : decode(bytes, hint);
  if (!text) return tl::unexpected(text.error());
  TextBuilder out(limits);
  if (!trim(*text).empty()) {
    if (kind.format == Format::markdown)
      read_markdown(*text, out);
    else if (kind.format == Format::html)
      read_html(*text, out);
    else if (kind.format == Format::xml)
      read_xml(*text, out);
    else if (kind.format == Format::csv)
      read_csv(*text, out);
    else if (kind.format == Format::json)
      read_json(*text, out);
    else if (kind.format == Format::ndjson)
      read_ndjson(*text, out);
    else
      read_plain(*text, outline_of(filename), out);
  }
  return out.finish(kind.mime);
}

} // namespace

Result<ParsedDocument> parse(std::string_view bytes, std::string_view filename,
                             std::string_view declared_mime, const Limits& limits) {
  if (bytes.empty()) return tl::unexpected(Error{Errc::empty_document, "no bytes"});
  const auto kind = sniff(bytes, filename, declared_mime);
  switch (kind.format) {
  case Format::unsupported:
    return tl::unexpected(Error{kind.refusal, kind.reason});
  case Format::pdf:
  case Format::docx:
  case Format::pptx:
  case Format::xlsx:
  case Format::odt:
  case Format::epub:
  case Format::eml:
  case Format::rtf:
    return tl::unexpected(Error{Errc::unsupported_format, "no reader for " + kind.mime});
  default:
    return parse_text_kind(kind, bytes, filename, declared_mime, limits);
  }
}

} // namespace graphrag::document::formats
