#pragma once
// Cutting texts to what a prompt has room for. Bytes, UTF-8.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace graphrag::runtime::models {

// The longest beginning of at most `most` bytes that ends between two characters.
std::string_view cut_utf8(std::string_view text, std::size_t most) noexcept;

// How much of each text to keep so that all together have at most `most` bytes: what short ones
// leave goes to the longer ones, which end up alike.
std::vector<std::size_t> fair_shares(const std::vector<std::string>& texts, std::size_t most);

// A line that occurs in none of the texts, so that no text can pretend to end where it does not.
// The same texts give the same line.
std::string unused_fence(const std::vector<std::string>& texts);

} // namespace graphrag::runtime::models
