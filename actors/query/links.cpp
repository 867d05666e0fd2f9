#include "actors/query/links.hpp"

#include <algorithm>
#include <cmath>

#include "actors/query/weights.hpp"

namespace graphrag::query {
namespace {

struct Named {
  chunk::TermId name = chunk::no_term;
  chunk::Span span;
  float weight = 1;
};

std::uint32_t length(chunk::Span span) { return span.end - span.start; }
bool within(chunk::Span inner, chunk::Span outer) {
  return outer.start <= inner.start && inner.end <= outer.end && length(inner) < length(outer);
}

// A whole name is trusted; a part of one less, a single word of one still less.
float mention_weight(const chunk::Mention& mention, std::string_view text) {
  if (!mention.normal.empty()) return 1;
  const auto written = text.substr(mention.span.start, length(mention.span));
  return written.find(' ') == std::string_view::npos ? weights::inner_word : weights::inner_part;
}

// The passage's names that have a home somewhere, without those within a longer one.
void names_with_homes(const chunk::ReadView& view, const chunk::ChunkView& passage,
                      std::vector<Named>& names) {
  names.clear();
  for (const auto id : passage.names) {
    if (!view.has_home(id)) continue;
    const auto key = view.name_key(id);
    const auto& mentions = passage.chunk->mentions;
    const auto mention =
        std::find_if(mentions.begin(), mentions.end(), [&](const auto& m) { return m.key == key; });
    if (mention != mentions.end())
      names.push_back({id, mention->span, mention_weight(*mention, passage.text)});
  }
  std::sort(names.begin(), names.end(), [](const Named& a, const Named& b) {
    return a.span.start != b.span.start ? a.span.start < b.span.start : a.span.end > b.span.end;
  });
  std::uint32_t reach = 0; // how far names kept so far extend
  std::size_t kept = 0;
  chunk::Span last;
  for (const auto& name : names) {
    if (kept > 0 && (within(name.span, last) || name.span.end < reach)) continue;
    names[kept++] = name;
    last = name.span;
    reach = std::max(reach, name.span.end);
  }
  names.resize(kept);
}

} // namespace

void home_links(const chunk::ReadView& view, chunk::ChunkRef from, const chunk::FilterSet& filter,
                std::vector<Link>& out) {
  thread_local std::vector<Named> names;
  thread_local std::vector<chunk::HomeRef> homes;
  const auto first = out.size();
  names_with_homes(view, view.chunk(from), names);
  for (const auto& name : names) {
    if (out.size() - first >= weights::links_per_anchor) return;
    view.homes(name.name, homes);
    if (homes.empty()) continue;
    const auto best = homes.front().confidence;
    const auto rivals = std::count_if(homes.begin(), homes.end(), [&](const auto& home) {
      return home.confidence >= weights::same_confidence * best;
    });
    std::size_t taken = 0;
    for (const auto& home : homes) {
      if (home.confidence < weights::close_confidence * best || taken == weights::homes_per_name)
        break;
      if (home.ref == from || !view.passes(home.ref, filter)) continue;
      out.push_back({home.ref, home.confidence * name.weight / static_cast<float>(rivals), 1});
      ++taken;
    }
  }
}

void mention_links(const chunk::ReadView& view, const Plan& plan, chunk::ChunkRef from,
                   const chunk::FilterSet& filter, std::vector<Link>& out) {
  thread_local std::vector<chunk::ChunkRef> others;
  const auto first = out.size();
  for (const auto& mention : view.chunk(from).chunk->mentions) {
    if (mention.normal.empty()) continue;
    const auto name = view.find_name(mention.key);
    const auto count = view.mention_count(name);
    if (count < 2 || count > weights::rare_name) continue;
    if (std::any_of(plan.names.begin(), plan.names.end(),
                    [&](const auto& asked) { return asked.name == name; }))
      continue;
    view.mentions(name, weights::rare_name, others);
    const auto weight =
        weights::mention_link / std::pow(static_cast<float>(count), weights::mention_rarity);
    for (const auto other : others) {
      if (out.size() - first >= weights::mention_links_per_anchor) return;
      if (other == from || !view.passes(other, filter)) continue;
      out.push_back({other, weight, weights::mention_share});
    }
  }
}

} // namespace graphrag::query
