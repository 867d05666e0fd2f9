#include "actors/document/formats/mail_header.hpp"

#include <optional>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"
#include "actors/document/formats/clean.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::size_t max_header_bytes = 64 * 1024;
constexpr std::size_t max_word_bytes = 2048; // the standard says 75

std::string from_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z')
      value = c - 'A';
    else if (c >= 'a' && c <= 'z')
      value = c - 'a' + 26;
    else if (is_digit(c))
      value = c - '0' + 52;
    else if (c == '+' || c == '-')
      value = 62;
    else if (c == '/' || c == '_')
      value = 63;
    if (value < 0) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((count += 6) >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xff);
  }
  return bytes;
}

std::string from_quoted(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '=' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low >= 0) {
      bytes += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      bytes += text[i] == '_' ? ' ' : text[i];
    }
  }
  return bytes;
}

struct EncodedWord {
  std::string charset, bytes;
  std::size_t size; // in the header
};

// At the beginning of `text`: =?charset*language?B?data?=
std::optional<EncodedWord> encoded_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  text = text.substr(0, max_word_bytes);
  const auto first = text.find('?', 2);
  if (first == text.npos || first + 3 >= text.size() || text[first + 2] != '?') return std::nullopt;
  const auto end = text.find("?=", first + 3);
  if (end == text.npos) return std::nullopt;
  const auto data = text.substr(first + 3, end - first - 3);
  auto charset = text.substr(2, first - 2);
  charset = charset.substr(0, charset.find('*'));
  if (charset.empty() || charset.size() > 40) return std::nullopt;
  const char encoding = lower(text[first + 1]);
  if (encoding != 'b' && encoding != 'q') return std::nullopt;
  return EncodedWord{ascii_lower(charset), encoding == 'b' ? from_base64(data) : from_quoted(data),
                     end + 2};
}

} // namespace

std::string decode_mail_header(std::string_view raw) {
  const auto plain = decode(raw.substr(0, max_header_bytes)).value_or(std::string{});
  std::string out, charset, bytes; // a character may be cut between two encoded words
  const auto flush = [&] {
    if (!bytes.empty()) out += convert(bytes, charset).value_or(bytes);
    bytes.clear();
  };
  std::string_view rest = plain;
  while (!rest.empty()) {
    const auto at = std::min(rest.find("=?"), rest.size());
    if (at > 0) { // blanks between two encoded words do not count
      const bool between = !bytes.empty() && trim(rest.substr(0, at)).empty() &&
                           encoded_word(rest.substr(at)).has_value();
      if (!between) {
        flush();
        out += rest.substr(0, at);
      }
      rest.remove_prefix(at);
      continue;
    }
    if (auto word = encoded_word(rest)) {
      if (word->charset != charset) flush();
      charset = word->charset;
      bytes += word->bytes;
      rest.remove_prefix(word->size);
    } else {
      flush();
      out += "=?";
      rest.remove_prefix(2);
    }
  }
  flush();
  return clean_line(out);
}

} // namespace graphrag::document::formats
