#pragma once
// Where a passage leads: the home passages of the names that it mentions, and the other passages
// that mention the same name when few do.
#include <cstdint>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/query/plan.hpp"
#include "actors/query/view.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {

struct Link {
  chunk::ChunkRef to;
  float weight = 0; // 0..1: how sure it is that both speak of the same
  float share = 1;  // of a named anchor's bonus that goes along
};

// Appends the links that leave `from`, at most weights::links_per_anchor, to homes that pass the
// filter. Of names within names only the longest with a home counts; a name with several homes
// shares its weight among them. Names that many passages mention weigh less, and so do those of
// sentences that say nothing of the relation asked for, when the question asks for one.
void home_links(View& view, const Plan& plan, chunk::ChunkRef from, const Weights& setting,
                std::vector<Link>& out);

// Appends links to passages that mention a whole name of `from` which few others mention and the
// question itself does not hold: what connects two passages when the name has no home, such as a
// birthplace.
void mention_links(View& view, const Plan& plan, chunk::ChunkRef from, const Weights& setting,
                   std::vector<Link>& out);

} // namespace graphrag::query
