#include "actors/entity/community_sentences.hpp"

#include <algorithm>
#include <unordered_set>

#include "actors/entity/communities/sentence_quality.hpp"

namespace graphrag::entity {
namespace {

constexpr std::size_t entities_read = 16;
constexpr std::size_t homes_read = 2;           // passages per name
constexpr std::size_t mentions_read = 8;        // passages per name
constexpr std::size_t passages_read = 96;       // of one community
constexpr std::size_t mentions_looked_at = 256; // for one that passes a filter
constexpr std::size_t least_bytes = 30;
constexpr std::size_t most_bytes = 400;

// A name as a passage writes it.
struct Written {
  std::string_view text;
  std::uint64_t entity = 0;
  bool home = false;
};

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool names_it(std::string_view sentence, std::string_view name) {
  for (auto at = sentence.find(name); at != sentence.npos; at = sentence.find(name, at + 1)) {
    const auto end = at + name.size();
    if ((at == 0 || !letter(sentence[at - 1]) || !letter(name.front())) &&
        (end == sentence.size() || !letter(sentence[end]) || !letter(name.back())))
      return true;
  }
  return false;
}

class Reader {
public:
  Reader(const chunk::ReadView& view, std::span<const CentralEntity> entities,
         const chunk::FilterSet& filter, const SentenceFactor& factor)
      : view_(view), entities_(entities), filter_(filter), factor_(factor) {
    for (const auto& central : entities_)
      for (const auto key : central.entity.keys) keys_.emplace(key, central.entity.keys.front());
  }

  std::vector<SummarySentence> run() {
    for (const auto& central : entities_.first(std::min(entities_.size(), entities_read)))
      for (const auto key : central.entity.keys) passages_of(key);
    return std::move(found_);
  }

private:
  void passages_of(std::uint64_t key) {
    const auto name = view_.find_name(key);
    if (name == chunk::no_term) return;
    view_.homes(name, homes_);
    for (std::size_t i = 0; i < homes_.size() && i < homes_read; ++i) read(homes_[i].ref);
    view_.mentions(name, mentions_read, mentions_);
    for (const auto ref : mentions_) read(ref);
  }

  void read(chunk::ChunkRef ref) {
    if (seen_.size() >= passages_read || !view_.passes(ref, filter_) ||
        !seen_.insert(ref.packed()).second)
      return;
    const auto passage = view_.chunk(ref);
    std::vector<Written> names;
    for (const auto& mention : passage.chunk->mentions)
      if (const auto known = keys_.find(mention.key); known != keys_.end())
        names.push_back(
            {passage.text.substr(mention.span.start, mention.span.end - mention.span.start),
             known->second, false});
    for (const auto& home : passage.chunk->homes)
      for (auto& name : names)
        if (const auto known = keys_.find(home.key);
            known != keys_.end() && known->second == name.entity)
          name.home = true;
    for (const auto& span : passage.chunk->sentences)
      if (span.end - span.start >= least_bytes && span.end - span.start <= most_bytes)
        sentence(passage, span, names);
  }

  void sentence(const chunk::ChunkView& passage, const chunk::Span& span,
                std::vector<Written>& names) {
    const auto text = passage.text.substr(span.start, span.end - span.start);
    SummarySentence out;
    for (auto& name : names) {
      if (!names_it(text, name.text)) continue;
      out.keys.push_back(name.entity);
      if (name.home) out.homes.push_back(name.entity);
      name.home = false; // the first sentence that names it says what it is
    }
    if (out.keys.empty()) return;
    out.quality = sentence_quality(text);
    if (factor_) out.quality *= factor_(text);
    if (out.quality <= 0) return;
    out.text = text;
    out.document_id = passage.document->id;
    out.chunk_id = passage.chunk_id;
    out.chunk = passage.chunk->index;
    out.start = span.start;
    out.end = span.end;
    found_.push_back(std::move(out));
  }

  const chunk::ReadView& view_;
  std::span<const CentralEntity> entities_;
  const chunk::FilterSet& filter_;
  const SentenceFactor& factor_;
  std::unordered_map<std::uint64_t, std::uint64_t> keys_; // of any name -> of the entity
  std::unordered_set<std::uint64_t> seen_;
  std::vector<SummarySentence> found_;
  std::vector<chunk::HomeRef> homes_;
  std::vector<chunk::ChunkRef> mentions_;
};

} // namespace

namespace {
std::string on_one_line(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}
} // namespace

std::vector<CentralEntity> central_entities(const NameDirectory& names,
                                            std::span<const CentralName> central,
                                            std::size_t limit) {
  std::vector<CentralEntity> out;
  for (const auto& name : central) {
    const auto same = std::find_if(out.begin(), out.end(), [&](const auto& known) {
      const auto& keys = known.entity.keys;
      return std::find(keys.begin(), keys.end(), name.key) != keys.end();
    });
    if (same != out.end()) {
      same->weight += name.weight;
      continue;
    }
    auto found = names.entity_of(name.key);
    if (!found) continue;
    found->name = on_one_line(found->name);
    out.push_back({std::move(*found), name.weight});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.weight > b.weight; });
  if (out.size() > limit) out.resize(limit);
  return out;
}

CommunitySummary summary_of(const chunk::ReadView& view, std::span<const CentralEntity> entities,
                            const chunk::FilterSet& filter, const SentenceFactor& factor) {
  std::vector<SummaryEntity> weights;
  for (const auto& central : entities)
    weights.push_back({central.entity.keys.front(), central.entity.name, central.weight});
  const auto sentences = Reader{view, entities, filter, factor}.run();
  return summarise(weights, sentences);
}

std::vector<LiveSentence> live_sentences(const chunk::ReadView& view,
                                         std::span<const SentencePlace> places,
                                         const chunk::FilterSet& filter) {
  std::vector<LiveSentence> out;
  for (const auto& place : places) {
    const auto found = view.find_document(place.document_id);
    if (!found || place.chunk > found->second) continue;
    const chunk::ChunkRef ref{found->first.shard, found->first.ord + place.chunk};
    if (view.chunk(ref).chunk_id == place.chunk_id && view.passes(ref, filter))
      out.push_back({ref, place.span});
  }
  return out;
}

void keep_named(const chunk::ReadView& view, const chunk::FilterSet& filter,
                std::vector<CentralEntity>& entities) {
  if (filter.all()) return;
  std::vector<chunk::ChunkRef> refs;
  std::erase_if(entities, [&](const CentralEntity& central) {
    return std::none_of(
        central.entity.keys.begin(), central.entity.keys.end(), [&](std::uint64_t key) {
          const auto name = view.find_name(key);
          if (name == chunk::no_term) return false;
          view.mentions(name, mentions_looked_at, refs);
          return std::any_of(refs.begin(), refs.end(),
                             [&](const auto ref) { return view.passes(ref, filter); });
        });
  });
}

std::string title_of(std::span<const CentralEntity> entities) {
  std::string title;
  for (std::size_t i = 0; i < entities.size() && i < SummaryOptions{}.title_names; ++i)
    title += (i == 0 ? "" : ", ") + entities[i].entity.name;
  return title;
}

} // namespace graphrag::entity
