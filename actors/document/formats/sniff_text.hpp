#pragma once
// Which kind of text some bytes are, once they are known to be none of the binary formats.
#include <string_view>

#include "actors/document/formats/sniff.hpp"

namespace graphrag::document::formats {

Sniffed sniff_text(std::string_view bytes, std::string_view filename,
                   std::string_view declared_mime);

} // namespace graphrag::document::formats
