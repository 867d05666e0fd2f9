#pragma once
// What analysis makes of a document: a pure function of its text, title and the analysis version.
// It is what the store keeps (as msgpack, one value per chunk) and what the index applies.
#include <cstdint>
#include <string>
#include <vector>

namespace graphrag::chunk {

// Raised whenever the same text would give other facts; rows carry it.
inline constexpr std::uint32_t analysis_version = 4;
// Set in the analysis version of documents that a model has read besides: analysing such a text
// again by rules alone may give other facts.
inline constexpr std::uint32_t model_facts_version = 1U << 16;

struct Span { // bytes within the chunk's text, [start, end)
  std::uint32_t start = 0, end = 0;
};

struct TermCount {
  std::string term; // as the index knows it: folded, stemmed (or a CJK bigram)
  std::uint32_t count = 0;
};

// A name is written in its normal form (entity::normal_name): folded, single spaces, without
// leading articles and trailing punctuation. `key` (xxh3_64 of the normal form) identifies it.
struct Mention {
  std::uint64_t key = 0;
  std::string normal;    // empty for an inner part of a longer span, kept only to be found by links
  Span span;             // in the chunk's text
  std::uint8_t kind = 0; // entity::Kind
};

// This chunk is a home passage of the name: what the name is, is said here.
struct Home {
  std::uint64_t key = 0;
  std::string normal;
  std::string display;   // as written
  float confidence = 0;  // 1 = the document's title, less for headings and definitions
  std::uint8_t kind = 0; // entity::Kind
  Span what;             // "English explorer", where the chunk's text says so; empty otherwise
  std::uint16_t born = 0, died = 0; // years that the definition tells; 0: unknown
};

// Evidence in this chunk that two names mean the same.
struct Alias {
  std::string normal_a, normal_b;
  std::string display_a, display_b;
  Span span;
  std::uint8_t rule = 0; // entity::AliasRule
};

struct Relation {
  std::string subject, object; // normal names
  std::string predicate;       // the words that say so, lower case; "in" and "of" for punctuation
  Span span;                   // the sentence that says so
};

struct AnalysedChunk {
  std::uint32_t index = 0;
  std::uint32_t start_byte = 0, end_byte = 0; // in the document's text
  std::uint32_t start = 0, end = 0;           // the same in code points
  std::uint32_t page = 0;
  std::string section;          // heading path, " > " between levels
  std::uint32_t length = 0;     // tokens, for BM25: of the chunk and, once each, title and section
  std::vector<TermCount> terms; // sorted by term
  std::vector<Span> sentences;
  std::vector<Mention> mentions;
  std::vector<Home> homes;
  std::vector<Alias> aliases;
  std::vector<Relation> relations;
};

struct AnalysedDocument {
  std::vector<AnalysedChunk> chunks;
  std::uint32_t entity_count = 0; // distinct names with a mention
};

// msgpack, with a wire version as the first element. unpack returns false on foreign bytes.
std::string pack(const AnalysedChunk& chunk);
bool unpack(const std::string& bytes, AnalysedChunk& out);

} // namespace graphrag::chunk
