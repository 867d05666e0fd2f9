// PDF by poppler: the words of each page with their places, made into paragraphs by PdfLayout.
#include <climits>
#include <memory>
#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page.h>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/pdf_layout.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

// By hand: poppler's own way opens a converter for every word. Ligatures are taken apart.
std::string to_utf8(const poppler::ustring& text) {
  static constexpr std::string_view ligatures[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
  std::string out;
  char32_t lead = 0;
  for (const auto unit : text) {
    if (lead != 0 && (unit & 0xfc00) == 0xdc00)
      append_utf8(out, 0x10000 + ((lead - 0xd800) << 10) + (unit - 0xdc00));
    else if (unit >= 0xfb00 && unit <= 0xfb06)
      out += ligatures[unit - 0xfb00];
    else if ((unit & 0xfc00) != 0xd800 && unit > 0x20)
      append_utf8(out, unit);
    lead = (unit & 0xfc00) == 0xd800 ? unit : 0;
  }
  return out;
}

bool is_bold(std::string_view font) {
  const auto name = ascii_lower(font);
  for (const std::string_view mark : {"bold", "medi", "black", "heavy", "cmbx"})
    if (name.find(mark) != name.npos) return true;
  return false;
}

std::vector<PdfWord> words_of(const poppler::page& page) {
  std::vector<PdfWord> words;
  for (const auto& box : page.text_list(poppler::page::text_list_include_font)) {
    const auto place = box.bbox();
    words.push_back({to_utf8(box.text()), place.left(), place.top(), place.right(), place.bottom(),
                     ((box.rotation() % 4) + 4) % 4, box.has_space_after(), box.get_font_size(),
                     is_bold(box.get_font_name())});
  }
  return words;
}

// Without what the program put before it: "Microsoft Word - report.doc".
std::string title_of(const poppler::document& document) {
  std::string title;
  for (const auto unit : document.get_title()) append_utf8(title, unit);
  for (const std::string_view made_by : {"Microsoft Word - ", "Microsoft PowerPoint - "})
    if (title.starts_with(made_by)) title.erase(0, made_by.size());
  return title;
}

void read_properties(const poppler::document& document, TextBuilder& out) {
  out.title(title_of(document));
  const auto text = [](const poppler::ustring& value) {
    std::string out_text;
    for (const auto unit : value) append_utf8(out_text, unit);
    return out_text;
  };
  out.property("author", text(document.get_author()));
  out.property("subject", text(document.get_subject()));
  out.property("keywords", text(document.get_keywords()));
}

} // namespace

Result<ParsedDocument> parse_pdf(std::string_view bytes, const Limits& limits) {
  poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
  if (bytes.size() > INT_MAX) return tl::unexpected(Error{Errc::too_large, "more than 2 GiB"});
  const std::unique_ptr<poppler::document> document(
      poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
  if (document == nullptr) return tl::unexpected(Error{Errc::corrupt, "not a readable PDF"});
  if (document->is_locked()) return tl::unexpected(Error{Errc::encrypted, "needs a password"});
  const int pages = document->pages();
  if (pages <= 0) return tl::unexpected(Error{Errc::corrupt, "a PDF without pages"});
  if (static_cast<std::uint32_t>(pages) > limits.max_pages)
    return tl::unexpected(
        Error{Errc::too_large, "more than " + std::to_string(limits.max_pages) + " pages"});
  TextBuilder out(limits);
  read_properties(*document, out);
  PdfLayout layout;
  int readable = 0;
  for (int i = 0; i < pages && layout.size() <= limits.max_text_bytes; ++i) {
    const std::unique_ptr<poppler::page> page(document->create_page(i));
    if (page == nullptr) continue;
    ++readable;
    layout.add_page(pdf_lines(words_of(*page)), static_cast<std::uint32_t>(i) + 1);
  }
  if (readable == 0) return tl::unexpected(Error{Errc::corrupt, "no page can be read"});
  layout.write(out);
  out.pages(static_cast<std::uint32_t>(pages));
  return out.finish("application/pdf", Errc::no_text_layer, "no text on its pages, perhaps a scan");
}

} // namespace graphrag::document::formats
