#pragma once
// Names and relations that a model found in a chunk, added to those that the rules found. Pure.
#include <cstddef>
#include <string_view>

#include "actors/chunk/analysed_document.hpp"
#include "runtime/models/extraction.hpp"

namespace graphrag::entity {

// What came of it.
struct ModelFacts {
  std::size_t names = 0, relations = 0; // that the rules did not have
};

// `text` is the chunk's text. A name is taken where it stands in the text as a whole word, at its
// first place, and only if it has a normal form; the rules' mention of the same name stays as it is
// but for a kind that they did not know. A relation is taken when both its names are mentions then
// and its evidence lies within the text; its sentence is the one in which the evidence begins.
// Homes and aliases are left to the rules. Mentions stay in the order of the text.
ModelFacts add_model_facts(const runtime::models::Extraction& found, std::string_view text,
                           chunk::AnalysedChunk& chunk);

} // namespace graphrag::entity
