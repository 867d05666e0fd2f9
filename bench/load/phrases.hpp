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

} // namespace graphrag::bench
