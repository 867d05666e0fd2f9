#include "actors/query/chains.hpp"

#include <algorithm>
#include <cmath>

#include "actors/query/links.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {
namespace {

void raise(Candidate& candidate, float worth, std::uint32_t via, float weight) {
  const auto link = worth - candidate.keyword - candidate.name;
  if (link <= candidate.link) return;
  candidate.link = link;
  candidate.via = via;
  candidate.via_weight = weight;
}

// What a link adds to its target; the result is what the target adds to the anchor.
float lead(std::uint32_t anchor, std::uint32_t target, const Link& link, float trust,
           Candidates& candidates) {
  const auto together = candidates.together(anchor, target);
  const auto weight = link.weight * trust;
  const auto& from = candidates[anchor];
  auto& to = candidates[target];
  raise(to, to.keyword + weight * (together - to.keyword + link.share * from.name), anchor, weight);
  return weight * (together - from.keyword);
}

struct HomeOfName {
  std::uint32_t name, anchor; // in the plan, as a candidate
  float sure;                 // 0..1: that the question means this home
};

float sureness(const QuestionName& name, float confidence) {
  const auto sure = name.weight * std::pow(confidence, weights::name_confidence_power);
  if (name.written_as_name) return sure;
  const bool title = confidence >= 0.95F && name.first < name.last;
  return sure * (title ? weights::lower_case_title : weights::lower_case_other);
}

} // namespace

void add_named_anchors(View& view, const Plan& plan, float scale, const Weights& setting,
                       Candidates& candidates, AnchorSet& anchors) {
  thread_local NameHomes homes;
  thread_local std::vector<HomeOfName> all;
  all.clear();
  for (std::uint32_t i = 0; i < plan.names.size(); ++i) {
    const auto& name = plan.names[i];
    if (!name.has_home) continue;
    view.homes(name.name, homes);
    std::size_t taken = 0;
    for (const auto& home : homes.passing) {
      if (home.confidence < weights::close_confidence * homes.best ||
          taken++ == weights::homes_per_name)
        break;
      const auto anchor = candidates.add(home.ref);
      if (anchor != no_candidate) all.push_back({i, anchor, sureness(name, home.confidence)});
    }
  }
  const auto bonus = setting.name_bonus * scale;
  float best = 0; // of all homes
  for (const auto& home : all)
    best = std::max(best, candidates[home.anchor].keyword + bonus * home.sure);
  for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
    float best_of_name = 0;
    for (; end < all.size() && all[end].name == all[first].name; ++end)
      best_of_name =
          std::max(best_of_name, candidates[all[end].anchor].keyword + bonus * all[end].sure);
    for (auto i = first; i < end; ++i) {
      const auto& home = all[i];
      auto& candidate = candidates[home.anchor];
      if (candidate.name == 0) anchors.named.push_back(home.anchor);
      const auto lift = setting.equal_voice * home.sure * (best - best_of_name);
      candidate.name = std::max(candidate.name, bonus * home.sure + lift);
    }
  }
}

void follow_links(View& view, const Plan& plan, const AnchorSet& anchors, float scale,
                  const Weights& setting, Candidates& candidates) {
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
  targets.clear();
  for (auto anchor : anchors.named) targets.push_back(candidates[anchor].ref);
  for (auto anchor : anchors.keyword)
    if (candidates[anchor].name == 0) targets.push_back(candidates[anchor].ref);
  view.links_ahead(std::span{targets}.first(anchors.named.size()),
                   std::span{targets}.subspan(anchors.named.size()));
  const auto leave = [&](std::uint32_t anchor, float trust) {
    home_links(view, plan, candidates[anchor].ref, setting, links);
    departures.push_back({anchor, trust, true, links.size()});
  };
  for (auto anchor : anchors.named) leave(anchor, 1);
  for (auto anchor : anchors.keyword)
    if (candidates[anchor].name == 0) leave(anchor, setting.unnamed_anchor);
  for (auto anchor : anchors.named) {
    if (candidates[anchor].name < weights::clearly_named * scale) continue;
    mention_links(view, plan, candidates[anchor].ref, setting, links);
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
            no_candidate, 0);
    }
}

} // namespace graphrag::query
