#pragma once
// What a community is about, in sentences of its own documents: extractive, so that every word has
// a source. Pure and deterministic.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace graphrag::entity {

// An entity of the community.
struct SummaryEntity {
  std::uint64_t key = 0;
  std::string name;
  double weight = 0; // how central it is: its strength within the community; not negative
};

// A sentence that names entities of the community.
struct SummarySentence {
  std::string text, document_id, chunk_id;
  std::uint32_t start = 0, end = 0; // bytes in the chunk's text
  std::vector<std::uint64_t> keys;  // entities that it mentions, of any community
  std::vector<std::uint64_t> homes; // those of them that it tells the nature of
  double quality = 1;               // factor of what it gains; 0: never taken
  std::uint32_t chunk = 0;          // of the document
};

struct SummaryOptions {
  std::size_t sentences = 5;
  std::size_t least_chars = 30, most_chars = 400; // bytes of one sentence
  std::size_t total_chars = 1200;                 // bytes of all
  std::size_t title_names = 3;
};

struct CommunitySummary {
  std::string title;                      // most central names, ", " between them
  std::vector<SummarySentence> sentences; // in the order they were chosen: most telling first
};

// Greedy: each step takes the sentence that adds most coverage of the community's weight, where an
// entity already covered counts for a quarter, one that the sentence is a home of for twice, and
// words already said lower the gain (maximal marginal relevance, Carbonell & Goldstein 1998). Ties
// go by document, chunk and place. Sentences out of bounds or of the same words are never taken.
CommunitySummary summarise(std::span<const SummaryEntity> entities,
                           std::span<const SummarySentence> sentences,
                           const SummaryOptions& options = {});

} // namespace graphrag::entity
