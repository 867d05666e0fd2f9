#include "actors/document/formats/charset.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/utf8.h>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/clean.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::size_t sample_bytes = 64 * 1024; // enough to tell encodings apart

struct Counts {
  std::size_t total = 0, bad = 0, letters = 0, blanks = 0;
};

Counts count(std::string_view utf8) {
  Counts counts;
  const auto size = static_cast<std::int64_t>(utf8.size());
  for (std::int64_t at = 0; at < size; ++counts.total) {
    UChar32 c;
    U8_NEXT(utf8.data(), at, size, c);
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f')
      ++counts.blanks;
    else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffd || !u_isdefined(c))
      ++counts.bad;
    else if (u_isalnum(c))
      ++counts.letters;
  }
  return counts;
}

bool valid_utf8(std::string_view bytes) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  for (std::int64_t at = 0; at < size;) {
    UChar32 c;
    U8_NEXT(bytes.data(), at, size, c);
    if (c < 0) return false;
  }
  return true;
}

// UTF-8 with a few broken places: a cut end, a pasted word in another encoding.
bool nearly_utf8(std::string_view bytes) {
  std::size_t good = 0, bad = 0;
  const auto size = static_cast<std::int64_t>(bytes.size());
  for (std::int64_t at = 0; at < size;) {
    const bool ascii = static_cast<unsigned char>(bytes[static_cast<std::size_t>(at)]) < 0x80;
    UChar32 c;
    U8_NEXT(bytes.data(), at, size, c);
    if (c < 0)
      ++bad;
    else if (!ascii)
      ++good;
  }
  return good >= 10 * bad;
}

std::string replace_invalid(std::string_view bytes) {
  std::string out;
  const auto size = static_cast<std::int64_t>(bytes.size());
  for (std::int64_t at = 0; at < size;) {
    UChar32 c;
    U8_NEXT(bytes.data(), at, size, c);
    append_utf8(out, c < 0 ? 0xfffd : static_cast<char32_t>(c));
  }
  return out;
}

struct Mark {
  std::string_view bytes, charset;
};
using namespace std::string_view_literals;
constexpr std::array marks{Mark{"\xef\xbb\xbf"sv, "UTF-8"}, Mark{"\xff\xfe\0\0"sv, "UTF-32LE"},
                           Mark{"\0\0\xfe\xff"sv, "UTF-32BE"}, Mark{"\xff\xfe"sv, "UTF-16LE"},
                           Mark{"\xfe\xff"sv, "UTF-16BE"}};

// Where the zero bytes stand tells UTF-16 and UTF-32 of mostly Latin text without a mark.
std::string_view by_zero_bytes(std::string_view bytes) {
  const auto sample = bytes.substr(0, sample_bytes);
  std::array<std::size_t, 4> zeros{};
  std::size_t ascii = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    if (sample[i] == 0)
      ++zeros[i % 4];
    else if (sample[i] >= 0x20 && sample[i] < 0x7f)
      ++ascii;
  }
  const std::size_t quarter = sample.size() / 4;
  if (quarter == 0) return {};
  const auto most = [&](std::size_t i) { return zeros[i] * 10 >= quarter * 9; };
  const auto some = [&](std::size_t i) { return zeros[i] * 10 >= quarter; };
  const auto few = [&](std::size_t i) { return zeros[i] * 20 <= quarter; };
  if (most(2) && most(3) && few(0)) return "UTF-32LE";
  if (most(0) && most(1) && few(3)) return "UTF-32BE";
  if (some(1) && some(3) && few(0) && few(2)) return "UTF-16LE";
  if (some(0) && some(2) && few(1) && few(3)) return "UTF-16BE";
  if (ascii * 10 >= sample.size() * 6) return {}; // a stray zero in ordinary text
  const std::size_t even = zeros[0] + zeros[2], odd = zeros[1] + zeros[3];
  if (even == 0 && odd > 0) return "UTF-16LE"; // other scripts: zeros only at digits and blanks
  if (odd == 0 && even > 0) return "UTF-16BE";
  return {};
}

// Of an encoding that is only guessed: text also has letters in it.
bool convincing(std::string_view utf8) {
  const auto counts = count(utf8);
  return counts.bad * 100 <= counts.total &&
         (counts.letters > 0 || counts.total < 64 || counts.blanks * 2 >= counts.total);
}

// UTF-8 convinces by itself; logs may hold some terminal controls.
bool mostly_printable(std::string_view utf8) {
  const auto counts = count(utf8);
  return counts.bad * 10 <= counts.total;
}

std::optional<std::string> plausible(std::string_view bytes, std::string_view charset) {
  const auto head = convert(bytes.substr(0, sample_bytes), charset);
  if (!head || !convincing(*head)) return std::nullopt;
  auto text = bytes.size() <= sample_bytes ? *head : convert(bytes, charset);
  if (!text || !convincing(*text)) return std::nullopt;
  return text;
}

std::optional<std::string> by_detection(std::string_view bytes) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, void (*)(UCharsetDetector*)> detector(
      ucsdet_open(&status), ucsdet_close);
  if (U_FAILURE(status)) return std::nullopt;
  const auto sample = bytes.substr(0, sample_bytes);
  ucsdet_setText(detector.get(), sample.data(), static_cast<std::int32_t>(sample.size()), &status);
  std::int32_t found = 0;
  const auto** matches = ucsdet_detectAll(detector.get(), &found, &status);
  for (std::int32_t i = 0; U_SUCCESS(status) && i < found; ++i) {
    std::string name = ucsdet_getName(matches[i], &status);
    if (U_FAILURE(status) || ucsdet_getConfidence(matches[i], &status) < 10) break;
    if (name.starts_with("UTF-")) continue;          // judged before, with better evidence
    if (name == "ISO-8859-1") name = "windows-1252"; // its superset in practice
    if (auto text = plausible(bytes, name)) return text;
  }
  return std::nullopt;
}

bool has_charset_escape(std::string_view bytes) { // ISO-2022 is pure ASCII with escapes
  return bytes.find("\x1b$") != bytes.npos || bytes.find("\x1b(") != bytes.npos;
}

} // namespace

std::optional<std::string> convert(std::string_view bytes, std::string_view charset) {
  auto name = ascii_lower(charset);
  if (name.ends_with("-i") || name.ends_with("-e")) name.resize(name.size() - 2);
  if (name.empty()) return std::nullopt;
  if (name == "iso-8859-1" || name == "latin1" || name == "us-ascii" || name == "ascii")
    name = "windows-1252"; // as browsers do
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, void (*)(UConverter*)> converter(
      ucnv_open(name.c_str(), &status), ucnv_close);
  if (U_FAILURE(status)) return std::nullopt;
  std::string out;
  out.reserve(bytes.size());
  std::array<UChar, 4096> buffer;
  const char* source = bytes.data();
  const char* end = source + bytes.size();
  char32_t lead = 0;
  do {
    auto* target = buffer.data();
    status = U_ZERO_ERROR;
    ucnv_toUnicode(converter.get(), &target, buffer.data() + buffer.size(), &source, end, nullptr,
                   true, &status);
    if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) return std::nullopt;
    for (auto* unit = buffer.data(); unit != target; ++unit) {
      if (lead != 0 && U16_IS_TRAIL(*unit)) {
        append_utf8(out, static_cast<char32_t>(U16_GET_SUPPLEMENTARY(lead, *unit)));
        lead = 0;
        continue;
      }
      if (lead != 0) append_utf8(out, 0xfffd);
      lead = U16_IS_LEAD(*unit) ? *unit : 0;
      if (lead == 0) append_utf8(out, *unit);
    }
  } while (status == U_BUFFER_OVERFLOW_ERROR);
  if (lead != 0) append_utf8(out, 0xfffd);
  return out;
}

std::string charset_of(std::string_view content_type) {
  const auto lower = ascii_lower(content_type);
  auto at = lower.find("charset");
  if (at == lower.npos) return {};
  at = lower.find_first_not_of(" \t", at + 7);
  if (at == lower.npos || lower[at] != '=') return {};
  at = lower.find_first_not_of(" \t\"'", at + 1);
  if (at == lower.npos) return {};
  return lower.substr(at, std::min(lower.find_first_of(" \t\"';,>", at), lower.size()) - at);
}

Result<std::string> decode(std::string_view bytes, std::string_view hint) {
  for (const auto& mark : marks) {
    if (!bytes.starts_with(mark.bytes)) continue;
    const auto rest = bytes.substr(mark.bytes.size());
    if (rest.empty()) return std::string{};
    if (mark.charset == "UTF-8") {
      if (valid_utf8(rest)) return std::string(rest);
    } else if (auto text = plausible(rest, mark.charset)) {
      return std::move(*text);
    }
  }
  if (const auto wide = by_zero_bytes(bytes); !wide.empty())
    if (auto text = plausible(bytes, wide)) return std::move(*text);
  const bool escapes = has_charset_escape(bytes);
  const auto named = ascii_lower(hint);
  const bool utf8_named = named.empty() || named == "utf-8" || named == "utf8";
  const bool valid = valid_utf8(bytes);
  if (!utf8_named && !named.starts_with("utf-") && !(valid && !escapes))
    if (auto text = plausible(bytes, named)) return std::move(*text);
  if (valid && !escapes && mostly_printable(bytes)) return std::string(bytes);
  if (!valid && nearly_utf8(bytes))
    if (auto text = replace_invalid(bytes); convincing(text)) return text;
  if (auto text = by_detection(bytes)) return std::move(*text);
  if (valid && mostly_printable(bytes)) return std::string(bytes);
  if (auto text = plausible(bytes, "windows-1252")) return std::move(*text);
  return tl::unexpected(Error{Errc::bad_encoding, "not text in any known encoding"});
}

} // namespace graphrag::document::formats
