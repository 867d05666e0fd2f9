#include "runtime/encoder/charsmap.hpp"

#include <cstring>
#include <memory>

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include "runtime/check.hpp"
#include "runtime/encoder/characters.hpp"

namespace graphrag::runtime::encoder {
namespace {

constexpr std::size_t longest_grapheme = 6; // bytes; from here on only characters are looked up

std::uint32_t little_endian(const char* bytes) {
  std::uint32_t out = 0;
  for (int i = 3; i >= 0; --i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

} // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (char c : text) {
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z')
      value = static_cast<std::uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<std::uint32_t>(c - 'a' + 26);
    else if (c >= '0' && c <= '9')
      value = static_cast<std::uint32_t>(c - '0' + 52);
    else if (c == '+')
      value = 62;
    else if (c == '/')
      value = 63;
    else
      return std::nullopt;
    bits = (bits << 6 | value) & 0xFFFFFF;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>(bits >> held & 0xFF));
    }
  }
  return out;
}

std::optional<Charsmap> Charsmap::parse(std::string_view bytes) {
  if (bytes.size() < 4) return std::nullopt;
  const std::size_t size = little_endian(bytes.data());
  if (size % 4 != 0 || size > bytes.size() - 4) return std::nullopt;
  Charsmap out;
  for (std::size_t at = 4; at < 4 + size; at += 4)
    out.trie_.push_back(little_endian(bytes.data() + at));
  out.replacements_ = bytes.substr(4 + size);
  return out;
}

std::optional<std::string_view> Charsmap::find(std::string_view part) const {
  // A unit: offset (bits 10-30, times 256 when bit 9 is set), has-leaf (bit 8), label (bits 0-7).
  auto offset = [](std::uint32_t unit) -> std::size_t {
    return unit >> 10 << ((unit & (1U << 9)) >> 6);
  };
  if (trie_.empty()) return std::nullopt;
  std::size_t at = offset(trie_[0]);
  std::optional<std::size_t> value;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const auto byte = static_cast<unsigned char>(part[i]);
    at ^= byte;
    if (at >= trie_.size() || (trie_[at] & ((1U << 31) | 0xFF)) != byte) break;
    const bool leaf = (trie_[at] >> 8 & 1) != 0;
    at ^= offset(trie_[at]);
    if (!leaf) continue;
    if (at >= trie_.size()) break;
    value = trie_[at] & ((1U << 31) - 1);
    break; // the first, shortest match: as published
  }
  if (!value || *value >= replacements_.size()) return std::nullopt;
  const std::string_view rest = std::string_view{replacements_}.substr(*value);
  return rest.substr(0, rest.find('\0'));
}

std::string Charsmap::operator()(std::string_view text) const {
  UErrorCode error = U_ZERO_ERROR;
  thread_local const std::unique_ptr<icu::BreakIterator> graphemes{
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error)};
  RUNTIME_CHECK(graphemes, "ICU has no rules for graphemes");
  error = U_ZERO_ERROR;
  UText source = UTEXT_INITIALIZER;
  utext_openUTF8(&source, text.data(), static_cast<int64_t>(text.size()), &error);
  graphemes->setText(&source, error);
  RUNTIME_CHECK(U_SUCCESS(error), "ICU cannot cut graphemes");
  std::string out;
  out.reserve(text.size());
  std::size_t begin = 0;
  for (auto next = graphemes->next(); next != icu::BreakIterator::DONE; next = graphemes->next()) {
    const std::string_view grapheme = text.substr(begin, static_cast<std::size_t>(next) - begin);
    begin = static_cast<std::size_t>(next);
    auto whole = grapheme.size() < longest_grapheme ? find(grapheme) : std::nullopt;
    if (whole) {
      out.append(*whole);
      continue;
    }
    for (std::size_t at = 0; at < grapheme.size();) {
      const std::size_t here = at;
      next_character(grapheme, at);
      const std::string_view character = grapheme.substr(here, at - here);
      out.append(find(character).value_or(character));
    }
  }
  utext_close(&source);
  return out;
}

} // namespace graphrag::runtime::encoder
