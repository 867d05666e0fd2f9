#pragma once
// Passages as results show them.
#include "actors/chunk/index.hpp"
#include "actors/query/query.hpp"

namespace graphrag::query {

Hit hit_of(const chunk::ChunkView& passage, float score);
// A sentence of the passage, by its bytes in the passage's text; the text is exactly what is there.
Citation citation_of(const chunk::ChunkView& passage, const chunk::Span& span);

} // namespace graphrag::query
