#include "actors/document/formats/parse.hpp"

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

Outline outline_of(std::string_view filename) {
  const auto ending = extension(filename);
  if (ending == "rst") return Outline::restructured_text;
  return ending == "org" ? Outline::org : Outline::none;
}

} // namespace

bool is_text_kind(Format format) noexcept {
  switch (format) {
  case Format::text:
  case Format::markdown:
  case Format::html:
  case Format::xml:
  case Format::csv:
  case Format::json:
  case Format::ndjson:
    return true;
  default:
    return false;
  }
}

void read_text_kind(Format format, std::string_view bytes, std::string_view filename,
                    std::string_view hint, TextBuilder& out) {
  const bool markup = format == Format::html || format == Format::xml;
  const auto text = markup ? decode_markup(bytes, hint) : decode(bytes, hint);
  if (!text) return out.refuse(text.error().code, text.error().detail);
  if (trim(*text).empty()) return;
  switch (format) {
  case Format::markdown:
    return read_markdown(*text, out);
  case Format::html:
    return read_html(*text, out);
  case Format::xml:
    return read_xml(*text, out);
  case Format::csv:
    return read_csv(*text, out);
  case Format::json:
    return read_json(*text, out);
  case Format::ndjson:
    return read_ndjson(*text, out);
  default:
    return read_plain(*text, outline_of(filename), out);
  }
}

Result<ParsedDocument> parse(std::string_view bytes, std::string_view filename,
                             std::string_view declared_mime, const Limits& limits) {
  if (bytes.empty()) return tl::unexpected(Error{Errc::empty_document, "no bytes"});
  const auto kind = sniff(bytes, filename, declared_mime);
  switch (kind.format) {
  case Format::unsupported:
    return tl::unexpected(Error{kind.refusal, kind.reason});
  case Format::pdf:
    return parse_pdf(bytes, limits);
  case Format::docx:
    return parse_docx(bytes, limits);
  case Format::pptx:
    return parse_pptx(bytes, limits);
  case Format::xlsx:
    return parse_xlsx(bytes, limits);
  case Format::odt:
    return parse_odt(bytes, limits);
  case Format::epub:
    return parse_epub(bytes, limits);
  case Format::eml:
    return parse_eml(bytes, limits);
  case Format::rtf:
    return parse_rtf(bytes, limits);
  default:
    break;
  }
  TextBuilder out(limits);
  read_text_kind(kind.format, bytes, filename, charset_of(declared_mime), out);
  return out.finish(kind.mime);
}

} // namespace graphrag::document::formats
