#pragma once
// SHA-256 of a document's original bytes, as 64 lower-case hex digits.
#include <span>
#include <string>
#include <string_view>

namespace graphrag::runtime {

std::string content_hash(std::string_view bytes);
// The same for content that comes in two parts, such as a text and the vector brought with it.
std::string content_hash(std::string_view first, std::string_view second);

} // namespace graphrag::runtime
