#include "gateway/client/text.hpp"

#include <algorithm>
#include <cstdio>

namespace graphrag::client {
namespace {

// Length of the well-formed UTF-8 character at the front, 0 when there is none.
std::size_t character(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  auto lead = byte(0);
  std::size_t length = lead < 0x80                    ? 1
                       : lead >= 0xc2 && lead <= 0xdf ? 2
                       : lead >= 0xe0 && lead <= 0xef ? 3
                       : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                      : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;
  if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
  return length;
}

// CJK, Hangul, full-width forms and emoji; `one` is one well-formed character.
bool is_wide(std::string_view one) {
  if (one.size() < 3) return false;
  auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(one[i]));
  };
  if (one.size() == 4) return byte(0) == 0xf0 && byte(1) >= 0x9f; // U+1F000 and above
  auto point = ((byte(0) & 0x0f) << 12) | ((byte(1) & 0x3f) << 6) | (byte(2) & 0x3f);
  return (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf) ||
         (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xf900 && point <= 0xfaff) ||
         (point >= 0xfe30 && point <= 0xfe6f) || (point >= 0xff00 && point <= 0xff60);
}

std::string format(const char* pattern, double value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

} // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto length = character(text);
    auto lead = static_cast<unsigned char>(text[0]);
    // C1 controls are U+0080..U+009F; U+202A..U+202E and U+2066..U+2069 turn the direction of text.
    bool c1 = length == 2 && lead == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
    auto last = length == 3 ? static_cast<unsigned char>(text[2]) : 0U;
    bool turn = (text.starts_with("\xe2\x80") && last >= 0xaa && last <= 0xae) ||
                (text.starts_with("\xe2\x81") && last >= 0xa6 && last <= 0xa9);
    if (lead == '\n' || lead == '\t' || lead == '\r')
      out.push_back(' ');
    else if (length == 0 || lead < 0x20 || lead == 0x7f || c1 || turn)
      out += "\xef\xbf\xbd";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t width) {
  std::size_t characters = 0, cut = 0;
  for (std::size_t i = 0; i < text.size(); ++characters) {
    if (characters + 3 <= width) cut = i;
    if (characters == width) return std::string{text.substr(0, cut)} + "...";
    auto length = character(text.substr(i));
    i += length == 0 ? 1 : length;
  }
  return std::string{text};
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    auto length = std::max<std::size_t>(1, character(text));
    columns += is_wide(text.substr(0, length)) ? 2 : 1;
    text.remove_prefix(length);
  }
  return columns;
}

std::string padded(std::string_view text, std::size_t columns) {
  auto taken = columns_of(text);
  std::string out{text};
  if (taken < columns) out.append(columns - taken, ' ');
  return out;
}

std::string human_bytes(double bytes) {
  if (bytes < 1000) return format("%.0f B", bytes);
  if (bytes < 1e6) return format("%.1f kB", bytes / 1e3);
  if (bytes < 1e9) return format("%.1f MB", bytes / 1e6);
  return format("%.1f GB", bytes / 1e9);
}

std::string human_seconds(double seconds) {
  if (seconds < 1e-3) return format("%.0f us", seconds * 1e6);
  if (seconds < 1) return format("%.1f ms", seconds * 1e3);
  return format("%.1f s", seconds);
}

} // namespace graphrag::client
