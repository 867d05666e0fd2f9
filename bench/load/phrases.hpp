#pragma once
// Names and phrases of a passage, to make questions from.
#include <string>
#include <string_view>
#include <vector>

namespace graphrag::bench {

// Runs of capitalised words within a sentence ("Lantern Hill Observatory"); a lone capitalised word
// at the start of a sentence is none.
std::vector<std::string> names_of(std::string_view text);

// Runs of three lower-case words without punctuation between, none of them a common short one.
std::vector<std::string> phrases_of(std::string_view text);

// The text as it stands from its n-th word on, for so many words or to the end; `at` counts from 0
// and wraps around, so that any number is fine, and begins no later than `words` before the end.
std::string excerpt_of(std::string_view text, std::size_t at, std::size_t words);

} // namespace graphrag::bench
