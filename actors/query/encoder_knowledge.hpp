#pragma once
// Whether an encoder knows the language of a text. One that does not gives a vector all the same,
// near to other texts that it does not know, and that is no evidence.
#include <string_view>

#include "runtime/encoder/encoder.hpp"

namespace graphrag::query {

// False when more than a fifth of the text's tokens stand for "unknown", or when words of an
// alphabet fall apart into about one token per letter, as they do when the vocabulary holds the
// letters and no words. Nothing is known of the model but its tokens. Costs some microseconds.
bool knows_language(const runtime::Encoder& encoder, std::string_view text);

} // namespace graphrag::query
