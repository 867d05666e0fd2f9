#pragma once
// Cuts a parsed document into chunks: runs of whole sentences that follow headings and blocks.
// Linear in the text's length whatever it looks like; sentences longer than a chunk are cut at
// white space, and where there is none between characters.
#include <cstdint>
#include <string>
#include <vector>

#include "actors/chunk/analyse.hpp"
#include "actors/document/parsed_document.hpp"

namespace graphrag::chunk {

struct ChunkPlan {
  std::uint32_t start_byte = 0, end_byte = 0; // in the document's text
  std::uint32_t start = 0, end = 0;           // the same in code points
  std::uint32_t page = 0;
  std::string section;         // heading path at the chunk's first text
  std::vector<Span> sentences; // bytes from the chunk's start; headings are sentences too
  std::vector<Span> headings;  // bytes in the document's text: of the sections that open here
};

std::vector<ChunkPlan> cut_chunks(const document::ParsedDocument& document,
                                  const ChunkingOptions& options);

} // namespace graphrag::chunk
