#include "runtime/models/text_bounds.hpp"

#include <algorithm>
#include <numeric>

namespace graphrag::runtime::models {

std::string_view cut_utf8(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text;
  auto end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::vector<std::size_t> fair_shares(const std::vector<std::string>& texts, std::size_t most) {
  std::vector<std::size_t> order(texts.size()), shares(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return texts[a].size() < texts[b].size(); });
  for (std::size_t done = 0; done < order.size(); ++done) {
    const auto each = most / (order.size() - done);
    const auto share = std::min(texts[order[done]].size(), each);
    shares[order[done]] = share;
    most -= share;
  }
  return shares;
}

std::string unused_fence(const std::vector<std::string>& texts) {
  for (std::size_t i = 1;; ++i) {
    auto fence = "=====" + std::to_string(i) + "=====";
    if (std::none_of(texts.begin(), texts.end(),
                     [&](const auto& text) { return text.find(fence) != std::string::npos; }))
      return fence;
  }
}

} // namespace graphrag::runtime::models
