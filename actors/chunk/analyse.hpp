#pragma once
// From text to facts, without CAF or I/O. Deterministic, thread-safe.
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"
#include "actors/document/parsed_document.hpp"

namespace graphrag::chunk {

// A token of a text: where it stands (bytes) and what the index calls it. `term` is empty for a
// token that is not indexed alone.
struct Token {
  Span span;
  std::string term;
};

// Words by Unicode rules, folded (NFKC, lower case, Latin and Greek letters without accents),
// English stems (Snowball) for Latin words; Chinese, Japanese and Korean runs as overlapping
// character bigrams (a single character when the run is one long). No stop words: BM25's idf and
// early termination deal with them. Replaces what `out` held, reusing its memory.
void tokenize(std::string_view text, std::vector<Token>& out);

struct ChunkingOptions {
  std::uint32_t target_chars = 1200; // code points per chunk, aimed at
  std::uint32_t max_chars = 1800;    // never more (words longer than 128 characters are cut)
  std::uint32_t overlap_chars = 150; // whole sentences repeated from the chunk before
};

// Chunks follow headings, blocks and sentences; a text up to max_chars is one chunk. Then terms,
// names, homes, aliases and relations of each chunk. `title` counts as the first home name.
AnalysedDocument analyse(const document::ParsedDocument& document, std::string_view title,
                         const ChunkingOptions& options = {});

} // namespace graphrag::chunk
