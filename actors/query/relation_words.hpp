#pragma once
// How texts say what questions ask: "mother" is answered by "the son of", "place of birth" by "was
// born in". Used to choose sentences, not to rank passages.
#include <span>
#include <string>
#include <string_view>

namespace graphrag::query {

// Terms (as the index knows them) that may express the same relation as `term`; empty for most.
std::span<const std::string> relation_words(std::string_view term);

} // namespace graphrag::query
