#pragma once
// What is asked of one part of a collection in one round: one message, everything that is known to
// be needed by then. Lists that belong together are columns of equal length.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/index.hpp"
#include "runtime/error.hpp"

namespace graphrag::query::parts {

inline constexpr std::uint32_t wire_version = 1;

// Bounds of one request; a part refuses more.
inline constexpr std::size_t most_shards = 65'536, most_terms = 16'384, most_names = 65'536,
                             most_refs = 16'384, most_passages = 2'048, most_found = 16'384,
                             most_dimensions = 65'536;

// Begins a session: the part fixes what it sees of these shards.
struct Opening {
  std::string collection;
  std::vector<std::uint32_t> shards;
  std::uint64_t after = 0;   // sequence number that the question wants to see
  std::uint64_t left_ms = 0; // until the question's deadline
  std::string filter;        // filter_text(); empty: none
  std::string model;
  std::vector<float> vector; // of the question; may be empty
};

// By what, and for which words, chunks are scored from now on.
struct Scoring {
  std::uint64_t chunks = 0, tokens = 0;
  std::vector<std::uint32_t> holding; // of all terms told in this session, in order
  std::vector<std::uint32_t> terms;   // numbers of those that are asked for, in order
  std::vector<float> weights;         // of these
};

// How much is told of a name, besides its count and its homes.
struct NameWish {
  static constexpr std::uint16_t mentions = 63;     // at most so many chunks that mention it
  static constexpr std::uint16_t passages = 64;     // these chunks' passages too
  static constexpr std::uint16_t description = 128; // how it is written
  static constexpr std::uint16_t comma = 256;       // View::home_has_comma()
};

struct Refs { // columns
  std::vector<std::uint32_t> shard, ord;
  std::size_t size() const noexcept { return shard.size(); }
  chunk::ChunkRef operator[](std::size_t i) const noexcept { return {shard[i], ord[i]}; }
  void add(chunk::ChunkRef ref) {
    shard.push_back(ref.shard);
    ord.push_back(ref.ord);
  }
};

struct Request {
  std::uint64_t session = 0; // the asker's choice, at random
  bool opens = false;        // `opening` begins it
  bool release = false;      // ends the session; nothing else is asked
  Opening opening;
  std::vector<std::string> terms; // new ones, numbered on from those told before
  std::optional<Scoring> scoring;
  std::uint32_t top = 0;             // so many of the best by words,
  std::uint32_t top_passages = 0;    // passages of so many of these,
  bool whole_passages = false;       // with their metadata
  std::uint32_t nearest = 0;         // so many of the nearest to the question's vector
  std::vector<std::uint64_t> names;  // keys
  std::vector<std::uint16_t> wishes; // of each name
  Refs rows;                         // what ranking asks of a chunk
  Refs passages;
  std::vector<std::uint8_t> whole; // of each of these: 1 with metadata
};

std::string pack(const Request& request);
// Checks what can be checked without the session: forms, lengths, bounds.
runtime::Result<Request> unpack_request(std::string_view bytes);

// A filter as JSON text that parse_filter() reads as the same filter, and back.
std::string filter_text(const chunk::Filter& filter);
runtime::Result<chunk::Filter> read_filter(std::string_view text);

} // namespace graphrag::query::parts
