#pragma once
// How well a sentence stands alone as part of a summary. Rules on what is written, not a model.
#include <string_view>

namespace graphrag::entity {

// 0 .. 1. 0: not to be shown (licence text, contents, headings, debris). Lowered, by factors that
// multiply: speech, questions and exclamations, a beginning that refers back ("He ..."), fragments,
// lists of names, numbers, lines of verse. Texts without case and spaces (Chinese, Japanese) are
// only asked for an end. Linear in time.
double sentence_quality(std::string_view sentence);

} // namespace graphrag::entity
