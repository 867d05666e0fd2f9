#include "gateway/http/trace_context.hpp"

#include <cstdint>
#include <random>

namespace graphrag::gateway {
namespace {

bool lower_hex(std::string_view text) {
  bool all_zero = true;
  for (char c : text) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    all_zero = all_zero && c == '0';
  }
  return !all_zero;
}

// splitmix64: one addition and three mixes a number.
std::uint64_t next_random() {
  thread_local std::uint64_t state = [] {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32) ^ device();
  }();
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

} // namespace

std::optional<std::string_view> trace_of(std::string_view text) {
  // version "-" trace "-" parent "-" flags; later versions may append "-..."
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto version = text.substr(0, 2);
  if (version == "ff" || (version != "00" && !lower_hex(version))) return std::nullopt;
  if (version == "00" ? text.size() != 55 : text.size() > 55 && text[55] != '-')
    return std::nullopt;
  if (!lower_hex(text.substr(3, 32)) || !lower_hex(text.substr(36, 16))) return std::nullopt;
  const auto flags = text.substr(53, 2);
  if (flags != "00" && !lower_hex(flags)) return std::nullopt;
  return text.substr(3, 32);
}

std::string new_trace_id() {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(32, '0');
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = next_random() | (half == 0 ? 1 : 0);
    for (std::size_t i = 0; i < 16; ++i, bits >>= 4) out[half * 16 + i] = digits[bits & 15];
  }
  return out;
}

} // namespace graphrag::gateway
