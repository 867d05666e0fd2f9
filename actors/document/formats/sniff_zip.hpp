#pragma once
// What kind of document a zip archive is, by the names in its directory. Reads the directory by
// hand: nothing is unpacked.
#include <string_view>

#include "actors/document/formats/sniff.hpp"

namespace graphrag::document::formats {

Sniffed sniff_zip(std::string_view bytes);

} // namespace graphrag::document::formats
