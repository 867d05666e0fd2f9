#include "actors/query/chains.hpp"

#include <algorithm>
#include <cmath>

#include "actors/query/links.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {
namespace {

void raise(Candidate& candidate, float worth, std::uint32_t via) {
  const auto link = worth - candidate.keyword - candidate.name;
  if (link <= candidate.link) return;
  candidate.link = link;
  candidate.via = via;
}

// What a link adds to its target; the result is what the target adds to the anchor.
float lead(std::uint32_t anchor, std::uint32_t target, const Link& link, float trust,
           Candidates& candidates) {
  const auto together = candidates.together(anchor, target);
  const auto weight = link.weight * trust;
  const auto& from = candidates[anchor];
  auto& to = candidates[target];
  raise(to, to.keyword + weight * (together - to.keyword + link.share * from.name), anchor);
  return weight * (together - from.keyword);
}

} // namespace

void add_named_anchors(const chunk::ReadView& view, const Plan& plan,
                       const chunk::FilterSet& filter, float scale, Candidates& candidates,
                       AnchorSet& anchors) {
  thread_local std::vector<chunk::HomeRef> homes;
  for (const auto& name : plan.names) {
    if (!name.has_home) continue;
    view.homes(name.name, homes);
    if (homes.empty()) continue;
    const auto best = homes.front().confidence;
    std::size_t taken = 0;
    for (const auto& home : homes) {
      if (home.confidence < weights::close_confidence * best || taken == weights::homes_per_name)
        break;
      if (!view.passes(home.ref, filter)) continue;
      ++taken;
      const auto anchor = candidates.add(home.ref);
      if (anchor == no_candidate) continue;
      auto weight = name.weight * std::pow(home.confidence, weights::name_confidence_power);
      if (!name.written_as_name) {
        const bool title = home.confidence >= 0.95F && name.first < name.last;
        weight *= title ? weights::lower_case_title : weights::lower_case_other;
      }
      auto& candidate = candidates[anchor];
      if (candidate.name == 0) anchors.named.push_back(anchor);
      candidate.name = std::max(candidate.name, weights::name_bonus * scale * weight);
    }
  }
}

void follow_links(const chunk::ReadView& view, const Plan& plan, const AnchorSet& anchors,
                  const chunk::FilterSet& filter, float scale, Candidates& candidates) {
  struct Departure {
    std::uint32_t anchor;
    float trust;
    bool to_homes;
    std::size_t end; // of its links
  };
  thread_local std::vector<Departure> departures;
  thread_local std::vector<Link> links;
  thread_local std::vector<chunk::ChunkRef> targets;
  thread_local std::vector<std::uint32_t> numbers;
  departures.clear();
  links.clear();
  const auto leave = [&](std::uint32_t anchor, float trust) {
    home_links(view, candidates[anchor].ref, filter, links);
    departures.push_back({anchor, trust, true, links.size()});
  };
  for (auto anchor : anchors.named) leave(anchor, 1);
  for (auto anchor : anchors.keyword)
    if (candidates[anchor].name == 0) leave(anchor, weights::unnamed_anchor);
  for (auto anchor : anchors.named) {
    if (candidates[anchor].name < weights::clearly_named * scale) continue;
    mention_links(view, plan, candidates[anchor].ref, filter, links);
    departures.push_back({anchor, 1, false, links.size()});
  }
  targets.clear();
  for (const auto& link : links) targets.push_back(link.to);
  candidates.add(targets, numbers);
  std::size_t i = 0;
  for (const auto& from : departures)
    for (; i < from.end; ++i) {
      if (numbers[i] == no_candidate || numbers[i] == from.anchor) continue;
      const auto gain = lead(from.anchor, numbers[i], links[i], from.trust, candidates);
      if (!from.to_homes) continue;
      const auto& anchor = candidates[from.anchor];
      raise(candidates[from.anchor], anchor.keyword + gain + anchor.name + weights::lead * scale,
            no_candidate);
    }
}

} // namespace graphrag::query
