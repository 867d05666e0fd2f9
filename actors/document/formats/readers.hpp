#pragma once
// The readers behind parse(), one per format. `hint` is a charset that came with the file. Those
// that take a TextBuilder add to a document in the making (a chapter, a part of a message).
#include <string>
#include <string_view>

#include "actors/document/formats/parse.hpp"
#include "actors/document/formats/sniff.hpp"
#include "actors/document/formats/text_builder.hpp"

namespace graphrag::document::formats {

enum class Outline { none, restructured_text, org }; // how headings look in plain text

void read_plain(std::string_view utf8, Outline outline, TextBuilder& out);
void read_markdown(const std::string& utf8, TextBuilder& out);
void read_html(std::string_view utf8, TextBuilder& out);
void read_xml(std::string_view utf8, TextBuilder& out);
void read_csv(std::string_view utf8, TextBuilder& out);
void read_json(std::string_view utf8, TextBuilder& out);
void read_ndjson(std::string_view utf8, TextBuilder& out);

// Any kind of text, chosen by sniff(): decodes the bytes and hands them to one of the above.
void read_text_kind(Format format, std::string_view bytes, std::string_view filename,
                    std::string_view hint, TextBuilder& out);
bool is_text_kind(Format format) noexcept;

// Markup says its own encoding: byte order mark, then `hint`, then what the first bytes declare.
Result<std::string> decode_markup(std::string_view bytes, std::string_view hint);

Result<ParsedDocument> parse_pdf(std::string_view bytes, const Limits& limits);
Result<ParsedDocument> parse_docx(std::string_view bytes, const Limits& limits);
Result<ParsedDocument> parse_pptx(std::string_view bytes, const Limits& limits);
Result<ParsedDocument> parse_xlsx(std::string_view bytes, const Limits& limits);
Result<ParsedDocument> parse_odt(std::string_view bytes, const Limits& limits);
Result<ParsedDocument> parse_epub(std::string_view bytes, const Limits& limits);
Result<ParsedDocument> parse_eml(std::string_view bytes, const Limits& limits);
Result<ParsedDocument> parse_rtf(std::string_view bytes, const Limits& limits);

} // namespace graphrag::document::formats
