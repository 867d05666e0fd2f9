#include "actors/document/formats/sniff_zip.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace graphrag::document::formats {
namespace {

constexpr std::size_t max_names = 4096; // the telling members stand early

std::uint32_t little(std::string_view bytes, std::size_t at, int size) {
  std::uint32_t value = 0;
  for (int i = size - 1; i >= 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

// Names out of the central directory; empty when it is missing or damaged.
std::vector<std::string_view> directory(std::string_view bytes) {
  std::vector<std::string_view> names;
  const auto end = bytes.rfind("PK\x05\x06");
  if (end == bytes.npos || bytes.size() - end < 22) return names;
  std::size_t at = little(bytes, end + 16, 4);
  while (names.size() < max_names && at < end && end - at >= 46 &&
         bytes.substr(at, 4) == "PK\x01\x02") {
    const auto name_size = little(bytes, at + 28, 2);
    const auto entry = 46 + name_size + little(bytes, at + 30, 2) + little(bytes, at + 32, 2);
    if (entry > end - at) break;
    names.push_back(bytes.substr(at + 46, name_size));
    at += entry;
  }
  return names;
}

// ODF and EPUB: the first member is called "mimetype", is not packed, and holds the type.
std::string_view stored_mimetype(std::string_view bytes) {
  if (bytes.size() < 38 || bytes.substr(30, 8) != "mimetype" || little(bytes, 8, 2) != 0) return {};
  const auto begin = 38 + little(bytes, 28, 2);
  if (begin >= bytes.size()) return {};
  std::string_view rest = bytes.substr(begin, 128);
  if (const auto size = little(bytes, 18, 4); size > 0)
    rest = rest.substr(0, size);
  else
    rest = rest.substr(0, std::min(rest.find("PK"), rest.size())); // size follows the data
  while (!rest.empty() && (rest.back() == '\n' || rest.back() == '\r')) rest.remove_suffix(1);
  return rest;
}

struct Member {
  std::string_view name;
  Format format;
  std::string_view mime;
};
#define OOXML "application/vnd.openxmlformats-officedocument."
constexpr std::array members{
    Member{"word/document.xml", Format::docx, OOXML "wordprocessingml.document"},
    Member{"ppt/presentation.xml", Format::pptx, OOXML "presentationml.presentation"},
    Member{"xl/workbook.xml", Format::xlsx, OOXML "spreadsheetml.sheet"},
    Member{"META-INF/container.xml", Format::epub, "application/epub+zip"}};
#undef OOXML

constexpr std::string_view odt_mime = "application/vnd.oasis.opendocument.text";

Sniffed found(Format format, std::string_view mime, std::string reason) {
  return {format, std::string(mime), std::move(reason)};
}

} // namespace

Sniffed sniff_zip(std::string_view bytes) {
  const auto mimetype = stored_mimetype(bytes);
  if (mimetype.starts_with(odt_mime)) return found(Format::odt, odt_mime, "zip with ODF type");
  if (mimetype == "application/epub+zip")
    return found(Format::epub, mimetype, "zip with EPUB type");
  if (mimetype.starts_with("application/vnd."))
    return found(Format::unsupported, mimetype, "no reader for " + std::string(mimetype));
  const auto names = directory(bytes);
  for (const auto& member : members) {
    // A damaged archive without a directory is judged by the names between its data.
    const bool has = names.empty()
                         ? bytes.find(member.name) != bytes.npos
                         : std::find(names.begin(), names.end(), member.name) != names.end();
    if (has) return found(member.format, member.mime, "zip with " + std::string(member.name));
  }
  for (const auto name : names)
    if (name == "xl/workbook.bin")
      return found(Format::unsupported, "application/vnd.ms-excel.sheet.binary.macroenabled.12",
                   "binary Excel workbook (xlsb)");
  return found(Format::unsupported, "application/zip",
               "a zip archive of files; send the files themselves");
}

} // namespace graphrag::document::formats
