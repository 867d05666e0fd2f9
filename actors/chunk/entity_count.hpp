#pragma once
// How many distinct names a document mentions. Pure.
#include <cstdint>

#include "actors/chunk/analysed_document.hpp"

namespace graphrag::chunk {

// Whole names; parts of longer ones are not counted.
std::uint32_t count_entities(const AnalysedDocument& document);

} // namespace graphrag::chunk
