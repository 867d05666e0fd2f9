#include "actors/query/links.hpp"

#include <algorithm>
#include <cmath>

#include "actors/entity/names.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {
namespace {

struct Named {
  chunk::TermId name = chunk::no_term;
  std::uint64_t key = 0;
  chunk::Span span;
  float weight = 1;
  entity::Kind kind = entity::Kind::unknown; // as the passage writes of it
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
void names_with_homes(View& view, const chunk::ChunkView& passage, std::vector<Named>& names) {
  names.clear();
  for (const auto id : passage.names) {
    if (!view.has_home(id)) continue;
    const auto key = view.name_key(id);
    const auto& mentions = passage.chunk->mentions;
    const auto mention =
        std::find_if(mentions.begin(), mentions.end(), [&](const auto& m) { return m.key == key; });
    if (mention != mentions.end())
      names.push_back({id, key, mention->span, mention_weight(*mention, passage.text),
                       static_cast<entity::Kind>(mention->kind)});
  }
  std::sort(names.begin(), names.end(), [](const Named& a, const Named& b) {
    if (a.span.start != b.span.start) return a.span.start < b.span.start;
    return a.span.end != b.span.end ? a.span.end > b.span.end : a.key < b.key;
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

// Names of sentences that say nothing of the relation asked for weigh less. `names` in the order of
// the text.
void weigh_relations(const Plan& plan, const chunk::ChunkView& passage, const Weights& setting,
                     std::vector<Named>& names) {
  if (!plan.cues.any()) return;
  const auto& sentences = passage.chunk->sentences;
  auto sentence = sentences.begin();
  std::uint32_t read_to = 0; // the sentence that was read last ends here
  bool related = false;
  for (auto& name : names) {
    while (sentence != sentences.end() && sentence->end <= name.span.start) ++sentence;
    if (sentence == sentences.end()) return;
    if (sentence->end != read_to) {
      related = plan.cues.in(passage.text.substr(sentence->start, sentence->end - sentence->start));
      read_to = sentence->end;
    }
    if (!related) name.weight *= setting.unrelated;
  }
}

// What the home says that the name is, or else the passage that mentions it.
entity::Kind kind_at_home(View& view, chunk::ChunkRef home, const Named& name) {
  const auto kind = view.kind_at_home(home, name.name);
  return kind != 0 ? static_cast<entity::Kind>(kind) : name.kind;
}

} // namespace

void home_links(View& view, const Plan& plan, chunk::ChunkRef from, const Weights& setting,
                std::vector<Link>& out) {
  thread_local std::vector<Named> names;
  thread_local NameHomes homes;
  const auto first = out.size();
  const auto passage = view.chunk(from);
  names_with_homes(view, passage, names);
  weigh_relations(plan, passage, setting, names);
  const auto all = std::log1p(static_cast<float>(view.chunk_count()));
  for (const auto& name : names) {
    if (out.size() - first >= weights::links_per_anchor) return;
    view.homes(name.name, homes);
    if (homes.rivals == 0) continue;
    const auto holding = static_cast<float>(std::max(view.mention_count(name.name), 1U));
    const auto rarity = std::pow(std::log1p(static_cast<float>(view.chunk_count()) / holding) / all,
                                 setting.link_rarity);
    std::size_t taken = 0;
    for (const auto& home : homes.passing) {
      if (home.confidence < weights::close_confidence * homes.best ||
          taken == weights::homes_per_name)
        break;
      if (home.ref == from) continue;
      auto weight = home.confidence * name.weight * rarity / static_cast<float>(homes.rivals);
      if (plan.kinds.any() && plan.kinds.excludes(kind_at_home(view, home.ref, name)))
        weight *= setting.other_kind;
      out.push_back({home.ref, weight, 1});
      ++taken;
    }
  }
}

void mention_links(View& view, const Plan& plan, chunk::ChunkRef from, const Weights& setting,
                   std::vector<Link>& out) {
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
        setting.mention_link / std::pow(static_cast<float>(count), weights::mention_rarity);
    for (const auto other : others) {
      if (out.size() - first >= weights::mention_links_per_anchor) return;
      if (other == from || !view.passes(other)) continue;
      out.push_back({other, weight, setting.mention_share});
    }
  }
}

} // namespace graphrag::query
