#include "runtime/store/rules/utf8.hpp"

#include <cstring>

namespace graphrag::runtime {

std::optional<std::uint64_t> count_code_points(std::string_view bytes) noexcept {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::uint64_t points = 0;
  std::size_t i = 0;
  while (i < bytes.size()) {
    // Eight plain ASCII bytes at a time: most text is that.
    if (i + 8 <= bytes.size()) {
      std::uint64_t word;
      std::memcpy(&word, bytes.data() + i, 8);
      if ((word & 0x8080808080808080ULL) == 0) {
        points += 8;
        i += 8;
        continue;
      }
    }
    unsigned lead = at(i);
    std::size_t length = lead < 0x80   ? 1
                         : lead < 0xc2 ? 0
                         : lead < 0xe0 ? 2
                         : lead < 0xf0 ? 3
                         : lead < 0xf5 ? 4
                                       : 0;
    if (length == 0 || i + length > bytes.size()) return std::nullopt;
    for (std::size_t k = 1; k < length; ++k)
      if ((at(i + k) & 0xc0U) != 0x80U) return std::nullopt;
    if (length > 2) {
      unsigned second = at(i + 1);
      bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
      bool surrogate = lead == 0xed && second >= 0xa0;
      bool too_large = lead == 0xf4 && second >= 0x90;
      if (overlong || surrogate || too_large) return std::nullopt;
    }
    ++points;
    i += length;
  }
  return points;
}

} // namespace graphrag::runtime
