#pragma once
// Walking the entity graph of one collection: pure, over a read view and the entity view. Every
// edge carries the span of text that says so.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/entity/entity_view.hpp"

namespace graphrag::entity {

struct Evidence {
  std::string document_id, chunk_id, title, text;
  std::uint32_t start = 0, end = 0; // code points in the document's text
};

struct Edge {
  std::string source, target; // entity ids
  std::string relation;       // words of the text, or "mentions"
  Evidence evidence;
};

struct Neighbourhood {
  std::vector<Entity> nodes; // the asked one first, then by distance
  std::vector<Edge> edges;
  bool truncated = false;
};

struct NeighbourRequest {
  std::uint32_t depth = 1; // 1..3
  std::string relation;    // only edges with this relation; empty = all
  std::size_t limit = 200; // of edges
};

// A span of the chunk's text as evidence.
Evidence evidence_of(const chunk::ChunkView& chunk, const chunk::Span& span);

// The edges that leave or reach `start`: relations of its chunks, and "mentions" from its home
// passages to the names in them. Breadth first; bounded by the limit and by the chunks looked at.
Neighbourhood neighbours(const chunk::ReadView& view, const NameDirectory& names,
                         const Entity& start, const NeighbourRequest& request);

// The relations stated in one chunk, as edges between entities.
std::vector<Edge> relations_of(const chunk::ChunkView& chunk, const NameDirectory& names);

} // namespace graphrag::entity
