#pragma once
// Graph ranking by joint coverage. A chain is an anchor passage and a passage that it links to; it
// is worth what the two explain of the question together, each word once. Anchors are the home
// passages of the names in the question, and the best passages by keyword. A passage takes the
// worth of its best chain.
#include <span>

#include "actors/chunk/index.hpp"
#include "actors/query/candidates.hpp"
#include "actors/query/plan.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {

struct AnchorSet {
  std::vector<std::uint32_t> named;   // homes of names in the question; Candidate::name is set
  std::vector<std::uint32_t> keyword; // others
};

// Adds the homes of the plan's names as candidates and gives them their bonus, `scale` being the
// best keyword score.
void add_named_anchors(View& view, const Plan& plan, float scale, const Weights& setting,
                       Candidates& candidates, AnchorSet& anchors);

// Follows the links of all anchors by one step. Sets Candidate::link and via.
void follow_links(View& view, const Plan& plan, const AnchorSet& anchors, float scale,
                  const Weights& setting, Candidates& candidates);

} // namespace graphrag::query
