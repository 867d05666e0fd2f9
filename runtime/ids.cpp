#include "runtime/ids.hpp"

#include <array>
#include <chrono>
#include <random>

#define XXH_INLINE_ALL // the header-only form; hashes are the same
#include <xxhash.h>

namespace graphrag::runtime {
namespace {

bool valid_utf8_without_controls(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x20 || lead == 0x7f) return false;
    std::size_t length = lead < 0x80       ? 1
                         : lead >> 5 == 6  ? 2
                         : lead >> 4 == 14 ? 3
                         : lead >> 3 == 30 ? 4
                                           : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      auto next = static_cast<unsigned char>(text[i + k]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
      return false;
    i += length;
  }
  return true;
}

} // namespace

std::uint32_t slot_of(std::string_view collection, std::string_view id) noexcept {
  std::string key;
  key.reserve(collection.size() + 1 + id.size());
  key.append(collection).push_back('\0');
  key.append(id);
  return static_cast<std::uint32_t>(XXH3_64bits(key.data(), key.size()) % slot_count);
}

std::uint32_t group_of(std::string_view collection, std::uint32_t groups) noexcept {
  return static_cast<std::uint32_t>(XXH3_64bits(collection.data(), collection.size()) % groups);
}

std::string chunk_id(const DocumentKey& key, std::string_view content_hash, std::uint32_t index) {
  std::string input = key.collection + '\0' + key.id + '\0';
  input.append(content_hash).push_back('\0');
  input += std::to_string(index);
  auto hash = XXH3_128bits(input.data(), input.size());
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(32, '0');
  for (int i = 0; i < 16; ++i) {
    out[15 - i] = digits[hash.high64 >> (4 * i) & 15];
    out[31 - i] = digits[hash.low64 >> (4 * i) & 15];
  }
  return out;
}

bool valid_collection_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > 64) return false;
  auto alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (!alnum(name.front())) return false;
  for (char c : name)
    if (!alnum(c) && c != '_' && c != '-') return false;
  return true;
}

bool valid_document_id(std::string_view id) noexcept {
  return !id.empty() && id.size() <= 512 && valid_utf8_without_controls(id);
}

std::string make_document_id() {
  // Crockford's base 32: 48 bits of milliseconds, then 80 random bits (the layout of a ULID).
  static constexpr char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  thread_local std::mt19937_64 random{std::random_device{}()};
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto millis = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  std::string out = "d_";
  for (int shift = 45; shift >= 0; shift -= 5) out.push_back(alphabet[millis >> shift & 31]);
  for (int i = 0; i < 16; ++i) out.push_back(alphabet[random() & 31]);
  return out;
}

} // namespace graphrag::runtime
