#include "actors/document/formats/sniff.hpp"

#include <array>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/sniff_text.hpp"
#include "actors/document/formats/sniff_zip.hpp"

namespace graphrag::document::formats {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes, mime, what;
};

// Binary files that are recognised to be refused with a clear reason.
constexpr std::array refused{
    Magic{0, "\x89PNG\r\n"sv, "image/png", "a PNG image"},
    Magic{0, "\xff\xd8\xff"sv, "image/jpeg", "a JPEG image"},
    Magic{0, "GIF8"sv, "image/gif", "a GIF image"},
    Magic{0, "II*\0"sv, "image/tiff", "a TIFF image"},
    Magic{0, "MM\0*"sv, "image/tiff", "a TIFF image"},
    Magic{8, "WEBP"sv, "image/webp", "a WebP image"},
    Magic{4, "ftyp"sv, "video/mp4", "a video, sound or HEIC file"},
    Magic{8, "WAVE"sv, "audio/wav", "a sound file"},
    Magic{8, "AVI "sv, "video/x-msvideo", "a video file"},
    Magic{0, "ID3"sv, "audio/mpeg", "a sound file"},
    Magic{0, "OggS"sv, "audio/ogg", "a sound file"},
    Magic{0, "fLaC"sv, "audio/flac", "a sound file"},
    Magic{0, "\x1a\x45\xdf\xa3"sv, "video/x-matroska", "a video file"},
    Magic{0, "\x1f\x8b"sv, "application/gzip", "a gzip archive; send the files themselves"},
    Magic{0, "BZh"sv, "application/x-bzip2", "a bzip2 archive; send the files themselves"},
    Magic{0,
          "\xfd"
          "7zXZ\0"sv,
          "application/x-xz", "an xz archive; send the files themselves"},
    Magic{0, "(\xb5/\xfd"sv, "application/zstd", "a zstd archive; send the files themselves"},
    Magic{0, "7z\xbc\xaf\x27\x1c"sv, "application/x-7z-compressed",
          "a 7z archive; send the files themselves"},
    Magic{0, "Rar!\x1a\x07"sv, "application/vnd.rar", "a rar archive; send the files themselves"},
    Magic{257, "ustar"sv, "application/x-tar", "a tar archive; send the files themselves"},
    Magic{0,
          "\x7f"
          "ELF"sv,
          "application/x-elf", "an executable"},
    Magic{0, "\xca\xfe\xba\xbe"sv, "application/java-vm", "an executable"},
    Magic{0, "\xcf\xfa\xed\xfe"sv, "application/x-mach-binary", "an executable"},
    Magic{0, "\0asm"sv, "application/wasm", "an executable"},
    Magic{0, "SQLite format 3\0"sv, "application/vnd.sqlite3", "a database file"},
    Magic{0, "PAR1"sv, "application/vnd.apache.parquet", "a Parquet file"},
    Magic{0, "wOFF"sv, "font/woff", "a font"},
    Magic{0, "wOF2"sv, "font/woff2", "a font"},
    Magic{0, "AT&TFORM"sv, "image/vnd.djvu", "a DjVu file"},
    Magic{0, "%!PS"sv, "application/postscript", "a PostScript file"}};

Sniffed refuse(std::string_view mime, std::string reason, Errc code = Errc::unsupported_format) {
  return {Format::unsupported, std::string(mime), std::move(reason), code};
}

// Word, Excel and PowerPoint up to 2003, Outlook messages, and newer files behind a password.
Sniffed sniff_ole2(std::string_view bytes) {
  const auto utf16 = [&](std::string_view name) {
    std::string wide;
    for (const char c : name) (wide += c) += '\0';
    return bytes.find(wide) != bytes.npos;
  };
  if (utf16("EncryptedPackage"))
    return refuse("application/encrypted", "an office file behind a password", Errc::encrypted);
  if (utf16("WordDocument"))
    return refuse("application/msword", "old binary Word (.doc); save it as .docx");
  if (utf16("Workbook") || utf16("Book"))
    return refuse("application/vnd.ms-excel", "old binary Excel (.xls); save it as .xlsx");
  if (utf16("PowerPoint Document"))
    return refuse("application/vnd.ms-powerpoint",
                  "old binary PowerPoint (.ppt); save it as .pptx");
  if (utf16("__substg1.0_") || utf16("__properties_version1.0"))
    return refuse("application/vnd.ms-outlook", "an Outlook message (.msg); save it as .eml");
  return refuse("application/x-ole-storage", "an old binary office file");
}

bool is_old_executable(std::string_view bytes) {
  return bytes.starts_with("MZ") && bytes.substr(0, 1024).find('\0') != bytes.npos;
}
bool is_bitmap(std::string_view bytes) {
  return bytes.starts_with("BM") && bytes.size() > 14 && bytes.substr(6, 4) == "\0\0\0\0"sv;
}

} // namespace

std::string_view to_string(Format format) noexcept {
  switch (format) {
  case Format::text:
    return "text";
  case Format::markdown:
    return "markdown";
  case Format::html:
    return "html";
  case Format::xml:
    return "xml";
  case Format::pdf:
    return "pdf";
  case Format::docx:
    return "docx";
  case Format::pptx:
    return "pptx";
  case Format::xlsx:
    return "xlsx";
  case Format::csv:
    return "csv";
  case Format::odt:
    return "odt";
  case Format::epub:
    return "epub";
  case Format::eml:
    return "eml";
  case Format::rtf:
    return "rtf";
  case Format::json:
    return "json";
  case Format::ndjson:
    return "ndjson";
  case Format::unsupported:
    return "unsupported";
  }
  return "unknown";
}

bool trusted_in_process(Format format) noexcept {
  return format == Format::text || format == Format::csv || format == Format::json ||
         format == Format::ndjson;
}

Sniffed sniff(std::string_view bytes, std::string_view filename, std::string_view declared_mime) {
  const auto head = bytes.substr(0, 1024);
  if (head.find("%PDF-") != head.npos) return {Format::pdf, "application/pdf", "%PDF header"};
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06")) return sniff_zip(bytes);
  if (bytes.starts_with("{\\rtf")) return {Format::rtf, "application/rtf", "{\\rtf header"};
  if (bytes.starts_with("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) return sniff_ole2(bytes);
  for (const auto& magic : refused)
    if (bytes.size() > magic.offset && bytes.substr(magic.offset).starts_with(magic.bytes))
      return refuse(magic.mime, std::string(magic.what));
  if (is_old_executable(bytes)) return refuse("application/x-msdownload", "an executable");
  if (is_bitmap(bytes)) return refuse("image/bmp", "a BMP image");
  return sniff_text(bytes, filename, declared_mime);
}

} // namespace graphrag::document::formats
