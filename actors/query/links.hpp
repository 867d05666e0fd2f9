#pragma once
// Where a passage leads: the home passages of the names that it mentions.
#include <cstdint>
#include <vector>

#include "actors/chunk/index.hpp"

namespace graphrag::query {

struct Link {
  chunk::ChunkRef to;
  float weight = 0; // 0..1: how sure it is that the mention means this home
  chunk::Span span; // of the mention, in the passage it leaves
};

// Appends the links that leave `from`, at most weights::links_per_anchor, to homes that pass the
// filter. Of names within names only the longest with a home counts; a name with several homes
// shares its weight among them.
void links_of(const chunk::ReadView& view, chunk::ChunkRef from, const chunk::FilterSet& filter,
              std::vector<Link>& out);

} // namespace graphrag::query
