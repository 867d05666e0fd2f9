#pragma once
// Where sentences end. Rules, not a model: full stops that end no abbreviation or initial,
// 。！？ and their kin, blank lines.
#include <cstdint>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"

namespace graphrag::chunk {

// Appends the sentences of text[start, end) in order: trimmed of white space, never empty, with
// bytes counted from the text's beginning. Linear in time.
void split_sentences(std::string_view text, std::uint32_t start, std::uint32_t end,
                     std::vector<Span>& out);

} // namespace graphrag::chunk
