#pragma once
// The communities of one collection as they are shown: immutable once published. Holds no text and
// no names, only where they are: a reader takes both from its own views, so that what has died
// since is not shown.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/chunk/analysed_document.hpp"
#include "actors/entity/communities/global_ranking.hpp"

namespace graphrag::entity {

// A name of a community and how central it is: the weight of its edges within.
struct CentralName {
  std::uint64_t key = 0;
  double weight = 0;
};

// A sentence by its place. Ids of chunks come from their text, so a chunk with this id says it.
struct SentencePlace {
  std::string document_id, chunk_id;
  std::uint32_t chunk = 0; // of the document
  chunk::Span span;        // bytes in the chunk's text
};

// One community, summarised.
struct CommunityInfo {
  std::uint64_t id = 0;
  std::uint32_t level = 0;
  std::size_t members = 0;              // names
  std::vector<CentralName> central;     // most central first, bounded
  std::vector<SentencePlace> sentences; // most telling first
  std::vector<WeightedTerm> terms;      // of names and sentences, by the index's ids, ascending
  double length = 0;                    // sum of their weights
};
using CommunityInfoPtr = std::shared_ptr<const CommunityInfo>;

struct PlacedCommunity {
  CommunityInfoPtr info;
  std::optional<std::uint64_t> parent; // the next larger one that is shown
  std::vector<std::uint64_t> children; // ascending
};

struct CommunitySnapshot {
  std::uint64_t number = 0; // grows with every publication of the collection; 0 = nothing yet
  std::uint32_t levels = 0;
  // Top level first, then by size (large first), then by id.
  std::vector<PlacedCommunity> communities;
  std::unordered_map<std::uint64_t, std::size_t> places; // id -> index in `communities`

  const PlacedCommunity* find(std::uint64_t id) const {
    const auto found = places.find(id);
    return found == places.end() ? nullptr : &communities[found->second];
  }
};
using CommunitySnapshotPtr = std::shared_ptr<const CommunitySnapshot>;

} // namespace graphrag::entity
