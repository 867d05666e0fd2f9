#pragma once
// What a model is asked for.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace graphrag::runtime::models {

enum class Purpose : std::uint8_t { embed, extract, rerank, summarise, answer };
inline constexpr std::array<std::string_view, 5> purpose_names{"embed", "extract", "rerank",
                                                               "summarise", "answer"};

constexpr std::string_view to_string(Purpose purpose) noexcept {
  return purpose_names[static_cast<std::size_t>(purpose)];
}

} // namespace graphrag::runtime::models
