#pragma once
// A text as a client gave it: never sniffed, only cleaned and cut into paragraphs.
#include <string_view>

#include "actors/document/error.hpp"
#include "actors/document/parsed_document.hpp"

namespace graphrag::document {

Result<ParsedDocument> plain_document(std::string_view utf8);

} // namespace graphrag::document
