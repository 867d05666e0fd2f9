#include "actors/entity/community_builder.hpp"

#include <algorithm>
#include <unordered_set>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/community_sentences.hpp"
#include "actors/entity/lexicon.hpp"

namespace graphrag::entity {
namespace {

constexpr double sure_share = 0.4;         // of the passages with the word
constexpr std::size_t title_entities = 24; // that titles and summaries are made of

void count_terms(std::string_view text, const chunk::ReadView& view,
                 std::map<chunk::TermId, float>& terms) {
  thread_local std::vector<chunk::Token> tokens;
  chunk::tokenize(text, tokens);
  for (const auto& token : tokens)
    if (const auto term = view.find_term(token.term); term != chunk::no_term) terms[term] += 1;
}

// A title is a name too, but not when it is that of a file; 0 otherwise.
std::uint64_t file_name_key(std::string_view title) {
  const auto dot = title.rfind('.');
  const bool file = title.find(' ') == title.npos && dot != title.npos && dot > 0 &&
                    title.size() - dot >= 2 && title.size() - dot <= 6;
  return file ? name_key(normal_name(title)) : 0;
}

// How sure it is that a single word is a name: less when most passages that hold the word do not
// mean it as one ("Past", "Come" at the beginning of a line). 1 for names of several words.
double certainty(std::uint64_t key, const chunk::ReadView& view, const NameDirectory& names) {
  thread_local std::vector<chunk::Token> tokens;
  chunk::tokenize(names.normal(key), tokens);
  const auto name = view.find_name(key);
  if (tokens.size() != 1 || name == chunk::no_term) return 1;
  if ((word_classes(names.normal(key)) & (class_function | class_generic)) != 0) return 0;
  const auto term = view.find_term(tokens.front().term);
  if (term == chunk::no_term) return 1;
  const double share = static_cast<double>(view.mention_count(name)) /
                       std::max(1.0, static_cast<double>(view.document_frequency(term)));
  return share >= sure_share ? 1 : share * share;
}

} // namespace

ChunkContribution contribution_of(const chunk::AnalysedChunk& chunk, std::uint64_t left_out) {
  ChunkContribution out;
  std::unordered_set<std::uint64_t> seen;
  for (const auto& mention : chunk.mentions)
    if (!mention.normal.empty() && static_cast<Kind>(mention.kind) != Kind::date &&
        mention.key != left_out && seen.insert(mention.key).second)
      out.keys.push_back(mention.key);
  for (const auto& alias : chunk.aliases)
    out.relations.emplace_back(name_key(alias.normal_a), name_key(alias.normal_b));
  for (const auto& relation : chunk.relations)
    out.relations.emplace_back(name_key(relation.subject), name_key(relation.object));
  return out;
}

void CommunityBuilder::replace(const chunk::LiveDocument* before,
                               const chunk::LiveDocument* after) {
  const auto each = [&](const chunk::LiveDocument& document, auto change) {
    const auto file = file_name_key(document.title);
    for (const auto& chunk : document.analysis.chunks) {
      const auto contribution = contribution_of(chunk, file);
      change(contribution);
      touched_.insert(contribution.keys.begin(), contribution.keys.end());
      for (const auto& [subject, object] : contribution.relations)
        touched_.insert({subject, object});
    }
  };
  if (before != nullptr) {
    each(*before, [&](const auto& contribution) { communities_.retract(contribution); });
    --documents_;
  }
  if (after != nullptr) {
    each(*after, [&](const auto& contribution) { communities_.add(contribution); });
    ++documents_;
  }
}

void CommunityBuilder::regroup() {
  const auto top = communities_.levels() - 1;
  const bool anew = communities_.update().rebuild_due;
  const auto mark_changed = [&] {
    for (const auto id : communities_.changed())
      if (const auto found = communities_.find(id)) stale_.insert({top - found->level, id});
  };
  mark_changed();
  if (anew) {
    communities_.rebuild();
    ++rebuilds_;
    mark_changed();
  }
  // Sentences come and go also where the groups stay as they are.
  for (const auto key : touched_)
    for (std::uint32_t level = 0; level <= top; ++level)
      if (const auto id = communities_.community_of(key, level)) stale_.insert({top - level, *id});
  touched_.clear();
}

std::vector<CentralName> CommunityBuilder::central_of(const Community& community,
                                                      const chunk::ReadView& view,
                                                      const NameDirectory& names_of) const {
  const auto& graph = communities_.graph();
  std::vector<CentralName> names;
  names.reserve(community.members.size());
  for (const auto key : community.members) {
    const auto node = graph.find(key);
    double weight = 0;
    for (const auto& edge : graph.neighbours(node))
      if (std::binary_search(community.members.begin(), community.members.end(),
                             graph.key(edge.to)))
        weight += edge.weight;
    weight *= certainty(key, view, names_of);
    names.push_back({key, weight / CommunityGraph::weight_unit});
  }
  const auto kept = std::min(names.size(), central_names);
  std::partial_sort(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(kept), names.end(),
                    [](const auto& a, const auto& b) {
                      return a.weight != b.weight ? a.weight > b.weight : a.key < b.key;
                    });
  names.resize(kept);
  return names;
}

CommunityInfoPtr CommunityBuilder::summary_of_community(const Community& community,
                                                        const chunk::ReadView& view,
                                                        const NameDirectory& names) const {
  auto info = std::make_shared<CommunityInfo>();
  info->id = community.id;
  info->level = community.level;
  info->members = community.members.size();
  info->central = central_of(community, view, names);
  const auto entities = central_entities(names, info->central, title_entities);
  const auto summary = summary_of(view, entities, {});
  std::map<chunk::TermId, float> terms;
  for (const auto& central : entities) count_terms(central.entity.name, view, terms);
  for (const auto& sentence : summary.sentences) {
    count_terms(sentence.text, view, terms);
    info->sentences.push_back(
        {sentence.document_id, sentence.chunk_id, sentence.chunk, {sentence.start, sentence.end}});
  }
  for (const auto& [term, weight] : terms) {
    info->terms.push_back({term, weight});
    info->length += weight;
  }
  return info;
}

std::size_t CommunityBuilder::summarise(const chunk::ReadView& view, const NameDirectory& names,
                                        std::size_t count) {
  const auto top = communities_.levels() - 1;
  for (; count > 0 && !stale_.empty(); --count) {
    const auto id = stale_.begin()->second;
    stale_.erase(stale_.begin());
    const auto community = communities_.find(id);
    infos_.erase(id);
    if (!community || community->members.size() < least_members) continue;
    if (community->children.size() > 1) // they were left to it when it was one of one
      for (const auto child : community->children)
        if (!infos_.contains(child)) stale_.insert({top - community->level + 1, child});
    if (community->parent) {
      const auto parent = infos_.find(*community->parent);
      const auto larger = parent != infos_.end() ? parent->second : nullptr;
      const auto whole =
          larger ? larger->members : communities_.find(*community->parent)->members.size();
      if (whole == community->members.size()) continue;
    }
    infos_[id] = summary_of_community(*community, view, names);
  }
  return stale_.size();
}

void CommunityBuilder::add_to(CommunitySnapshot& snapshot, std::uint32_t level) {
  for (const auto id : communities_.list(level, least_members)) {
    const auto info = infos_.find(id);
    if (info == infos_.end()) continue;
    PlacedCommunity placed{info->second, std::nullopt, {}};
    for (auto above = level + 1; above < communities_.levels() && !placed.parent; ++above)
      if (const auto up = communities_.community_of(info->second->central.front().key, above);
          up && infos_.contains(*up))
        placed.parent = up;
    snapshot.places.emplace(id, snapshot.communities.size());
    if (placed.parent)
      snapshot.communities[snapshot.places.at(*placed.parent)].children.push_back(id);
    snapshot.communities.push_back(std::move(placed));
  }
}

CommunitySnapshotPtr CommunityBuilder::publish() {
  std::erase_if(infos_, [&](const auto& entry) { return !communities_.find(entry.first); });
  auto snapshot = std::make_shared<CommunitySnapshot>();
  snapshot->number = ++published_;
  snapshot->levels = communities_.levels();
  for (auto level = communities_.levels(); level-- > 0;) add_to(*snapshot, level);
  for (auto& placed : snapshot->communities)
    std::sort(placed.children.begin(), placed.children.end());
  return snapshot;
}

std::size_t CommunityBuilder::bytes() const noexcept {
  std::size_t sum = communities_.bytes() + infos_.size() * 2 * sizeof(CommunityInfo);
  for (const auto& [id, info] : infos_) {
    sum += info->central.capacity() * sizeof(CentralName) +
           info->terms.capacity() * sizeof(WeightedTerm) +
           info->sentences.capacity() * sizeof(SentencePlace);
    for (const auto& sentence : info->sentences)
      sum += sentence.document_id.size() + sentence.chunk_id.size();
  }
  return sum;
}

} // namespace graphrag::entity
