#pragma once
// Tokens and money, in integers. Money is in micro-units of whatever currency the prices are in.
#include <cstddef>
#include <cstdint>
#include <limits>

namespace graphrag::runtime::models {

struct Usage {
  std::int64_t input_tokens = 0, output_tokens = 0;
  bool operator==(const Usage&) const = default;
};

struct Prices { // at most max_price
  std::int64_t input_micros_per_million = 0, output_micros_per_million = 0;
};

struct Spend {
  std::int64_t tokens = 0, micros = 0;
  bool operator==(const Spend&) const = default;
};

// Neither is negative; stops at the largest number instead of overflowing.
inline std::int64_t add(std::int64_t left, std::int64_t right) noexcept {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return left > most - right ? most : left + right;
}
inline Spend operator+(const Spend& left, const Spend& right) noexcept {
  return {add(left.tokens, right.tokens), add(left.micros, right.micros)};
}

inline constexpr std::int64_t max_price = 1'000'000'000'000; // keeps price_of within 64 bits

// The price of `tokens`, rounded up.
inline std::int64_t price_of(std::int64_t tokens, std::int64_t micros_per_million) noexcept {
  constexpr std::int64_t million = 1'000'000;
  const auto most = std::numeric_limits<std::int64_t>::max();
  if (micros_per_million > 0 && tokens / million > most / micros_per_million) return most;
  const auto rest = (tokens % million * micros_per_million + million - 1) / million;
  return add(tokens / million * micros_per_million, rest);
}

inline Spend spend_of(const Usage& usage, const Prices& prices) noexcept {
  return {add(usage.input_tokens, usage.output_tokens),
          add(price_of(usage.input_tokens, prices.input_micros_per_million),
              price_of(usage.output_tokens, prices.output_micros_per_million))};
}

// A guess from above for prompts: English has about four bytes to a token, Chinese about three.
inline std::int64_t estimate_tokens(std::size_t bytes) noexcept {
  return static_cast<std::int64_t>(bytes / 3 + 1);
}

} // namespace graphrag::runtime::models
