#pragma once
// What a part of a collection answers in one round. A chunk is named by the number of its row,
// which says once what ranking asks of it. Lists that belong together are columns of equal length.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"
#include "actors/query/parts/request.hpp"
#include "runtime/error.hpp"

namespace graphrag::query::parts {

struct RowFlag {
  static constexpr std::uint8_t passes = 1, has_vector = 2;
};
struct NameFlag {
  static constexpr std::uint8_t has_home = 1, described = 2, comma = 4;
};

struct Rows {
  Refs refs;                        // each once
  std::vector<std::uint32_t> index; // of the chunk in its document
  std::vector<std::uint8_t> flags;
  std::vector<float> similarity; // to the question's vector
  std::vector<std::string> documents;
  std::uint32_t width = 0;          // terms scored by; 0 before the first Scoring
  std::vector<float> contributions; // `width` of each row
  std::size_t size() const noexcept { return refs.size(); }
};

struct Found { // best first
  std::vector<std::uint32_t> rows;
  std::vector<float> scores;
};

// Of the names asked for, those that live chunks of the part mention or are homes of.
struct Names {
  std::vector<std::uint32_t> asked; // numbers in the request, ascending
  std::vector<std::uint32_t> counts;
  std::vector<std::uint8_t> flags;
  // Homes as sure as the part's surest, and a little less: how sure, and how many.
  std::vector<std::uint32_t> levels; // of each name
  std::vector<float> level_confidence;
  std::vector<std::uint32_t> level_homes;
  // NameHomes::passing of the part.
  std::vector<std::uint32_t> homes; // of each name
  std::vector<std::uint32_t> home_rows;
  std::vector<float> home_confidence;
  std::vector<std::uint32_t> home_tie;
  std::vector<std::uint8_t> home_kind; // what kind_at_home() says
  // Chunks that mention the name, in order, as many as wished.
  std::vector<std::uint32_t> mentions; // of each name
  std::vector<std::uint32_t> mention_rows;
  // If wished: the first of all chunks that mention it (row + 1, or 0), and how the name is written
  // there or, if there is one, in the first home that passes.
  std::vector<std::uint32_t> first_mention;
  std::vector<std::uint8_t> kinds;
  std::vector<std::string> written;
  std::size_t size() const noexcept { return asked.size(); }
};

struct Passage {
  std::uint32_t row = 0, page = 0, start = 0, end = 0;
  bool whole = false; // metadata is there
  std::string title, section, chunk_id, text, metadata;
  std::vector<std::uint32_t> sentences; // start and end of each, in the text
  std::vector<std::uint64_t> mention_keys;
  std::vector<std::uint32_t> mention_spans; // start and end of each
  std::vector<std::uint8_t> mention_kinds;  // with inner_name for parts of longer names
  std::vector<std::uint64_t> home_keys;
};
inline constexpr std::uint8_t inner_name = 128;

struct Response {
  std::uint64_t session = 0, applied = 0; // lowest sequence number of the part
  std::uint64_t chunks = 0, tokens = 0;   // of the part, before any Scoring
  std::vector<std::uint32_t> holding;     // of the new terms
  Rows rows;
  Found top, nearest;
  Names names;
  std::vector<Passage> passages;
};

std::string pack(const Response& response);
std::string pack(const runtime::Error& error);
// An error that the part packed comes out as that error. Checks that every number of a row is one,
// that all lists are as long as they should be, and that spans lie within texts and between
// characters; what was asked is the caller's to compare with.
runtime::Result<Response> unpack_response(std::string_view bytes);

} // namespace graphrag::query::parts
