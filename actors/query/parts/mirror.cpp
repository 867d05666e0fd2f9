#include "actors/query/parts/mirror.hpp"

#include <algorithm>
#include <unordered_set>

#include "actors/query/weights.hpp"

namespace graphrag::query::parts {

chunk::ChunkView Shown::view() const {
  chunk::ChunkView out;
  out.document = document;
  out.chunk = &chunk;
  out.text = text;
  out.chunk_id = chunk_id;
  out.names = names;
  return out;
}

bool Mirror::before(const chunk::ScoredChunk& a, const chunk::ScoredChunk& b) const {
  return a.score != b.score ? a.score > b.score : precedes(a.ref, b.ref);
}

bool Mirror::precedes(chunk::ChunkRef a, chunk::ChunkRef b) const {
  const auto& left = rows_.at(a.packed());
  const auto& right = rows_.at(b.packed());
  return left.document != right.document ? left.document < right.document : a < b;
}

chunk::TermId Mirror::name_of(std::uint64_t key) {
  const auto [found, fresh] =
      name_numbers_.try_emplace(key, static_cast<chunk::TermId>(names_.size()));
  if (fresh) names_.emplace_back().key = key;
  return found->second;
}

bool Mirror::take(const Response& response, std::uint32_t scoring) {
  const auto& rows = response.rows;
  std::unordered_set<std::uint64_t> seen;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto ref = rows.refs[i];
    if (!seen.insert(ref.packed()).second) return false;
    const auto [known, fresh] = rows_.try_emplace(ref.packed());
    auto& row = known->second;
    if (fresh) {
      row.ref = ref;
      row.document = rows.documents[i];
      row.index = rows.index[i];
      row.passes = (rows.flags[i] & RowFlag::passes) != 0;
      row.has_vector = (rows.flags[i] & RowFlag::has_vector) != 0;
      row.similarity = rows.similarity[i];
    }
    row.scoring = scoring;
    const auto* first = rows.contributions.data() + i * rows.width;
    row.contributions.assign(first, first + rows.width);
  }
  for (const auto& passage : response.passages) show(*find(rows.refs[passage.row]), passage);
  return true;
}

void Mirror::show(Row& row, const Passage& passage) {
  auto& document = documents_[row.document];
  if (!document) {
    document = std::make_unique<chunk::LiveDocument>();
    document->id = row.document;
    document->title = passage.title;
  }
  if (passage.whole && document->metadata.empty()) document->metadata = passage.metadata;
  if (row.shown) { // its parts may be in use
    row.shown->whole |= passage.whole;
    return;
  }
  row.shown = std::make_unique<Shown>();
  auto& shown = *row.shown;
  shown.document = document.get();
  shown.whole = passage.whole;
  shown.text = passage.text;
  shown.chunk_id = passage.chunk_id;
  auto& chunk = shown.chunk;
  chunk.index = row.index;
  chunk.page = passage.page;
  chunk.start = passage.start;
  chunk.end = passage.end;
  chunk.section = passage.section;
  for (std::size_t i = 0; i < passage.sentences.size(); i += 2)
    chunk.sentences.push_back({passage.sentences[i], passage.sentences[i + 1]});
  for (std::size_t i = 0; i < passage.mention_keys.size(); ++i) {
    auto& mention = chunk.mentions.emplace_back();
    mention.key = passage.mention_keys[i];
    mention.span = {passage.mention_spans[2 * i], passage.mention_spans[2 * i + 1]};
    mention.kind = passage.mention_kinds[i] & (inner_name - 1);
    if ((passage.mention_kinds[i] & inner_name) == 0)
      mention.normal = shown.text.substr(mention.span.start, mention.span.end - mention.span.start);
    shown.names.push_back(name_of(mention.key));
  }
  std::sort(shown.names.begin(), shown.names.end());
  shown.names.erase(std::unique(shown.names.begin(), shown.names.end()), shown.names.end());
  for (const auto key : passage.home_keys) chunk.homes.emplace_back().key = key;
}

struct Mirror::Telling {
  const Response* from = nullptr;
  std::size_t name = 0;                            // place among the response's names
  std::size_t levels = 0, homes = 0, mentions = 0; // where its own begin
};

void Mirror::take_names(const Request& request, std::span<const Response* const> responses) {
  std::vector<Telling> next(responses.size()), parts;
  for (std::size_t p = 0; p < responses.size(); ++p) next[p].from = responses[p];
  for (std::uint32_t asked = 0; asked < request.names.size(); ++asked) {
    parts.clear();
    for (auto& at : next) {
      const auto& told = at.from->names;
      if (at.name == told.size() || told.asked[at.name] != asked) continue;
      parts.push_back(at);
      at.levels += told.levels[at.name];
      at.homes += told.homes[at.name];
      at.mentions += told.mentions[at.name];
      ++at.name;
    }
    auto& name = names_[name_of(request.names[asked])];
    name.known = true;
    const auto before = name.wish;
    name.wish = request.wishes[asked];
    merge(name, parts);
    name.wish = static_cast<std::uint16_t>(
        std::max(before & NameWish::mentions, name.wish & NameWish::mentions) |
        ((before | name.wish) & (NameWish::description | NameWish::comma)));
  }
}

void Mirror::merge(KnownName& name, std::span<const Telling> parts) {
  name.count = 0;
  name.has_home = false;
  name.homes = {};
  name.kinds.clear();
  struct Home {
    chunk::HomeRef home;
    std::uint8_t kind;
    const Telling* told;
  };
  std::vector<Home> homes;
  for (const auto& part : parts) {
    const auto& told = part.from->names;
    name.count += told.counts[part.name];
    name.has_home = name.has_home || (told.flags[part.name] & NameFlag::has_home) != 0;
    name.comma = name.comma || (told.flags[part.name] & NameFlag::comma) != 0;
    for (std::size_t i = 0; i < told.levels[part.name]; ++i)
      name.homes.best = std::max(name.homes.best, told.level_confidence[part.levels + i]);
    for (std::size_t i = part.homes; i < part.homes + told.homes[part.name]; ++i)
      homes.push_back(
          {{part.from->rows.refs[told.home_rows[i]], told.home_confidence[i], told.home_tie[i]},
           told.home_kind[i],
           &part});
  }
  for (const auto& part : parts)
    for (std::size_t i = part.levels; i < part.levels + part.from->names.levels[part.name]; ++i)
      if (part.from->names.level_confidence[i] >= weights::same_confidence * name.homes.best)
        name.homes.rivals += part.from->names.level_homes[i];
  std::sort(homes.begin(), homes.end(), [&](const Home& a, const Home& b) {
    if (a.home.confidence != b.home.confidence) return a.home.confidence > b.home.confidence;
    return a.home.tie != b.home.tie ? a.home.tie < b.home.tie : precedes(a.home.ref, b.home.ref);
  });
  for (const auto& home : homes) {
    const bool close = home.home.confidence >= weights::close_confidence * name.homes.best;
    if (!name.homes.passing.empty() && (!close || name.homes.passing.size() == homes_looked_at))
      break;
    name.homes.passing.push_back(home.home);
    name.kinds.push_back(home.kind);
  }
  if ((name.wish & NameWish::mentions) != 0) {
    name.mentions.clear();
    for (const auto& part : parts)
      for (std::size_t i = part.mentions; i < part.mentions + part.from->names.mentions[part.name];
           ++i)
        name.mentions.push_back(part.from->rows.refs[part.from->names.mention_rows[i]]);
    std::sort(name.mentions.begin(), name.mentions.end());
  }
  if ((name.wish & NameWish::description) == 0) return;
  // As the first home writes it; without one, as the first passage that mentions it.
  const Telling* writer = homes.empty() ? nullptr : homes.front().told;
  std::optional<chunk::ChunkRef> first;
  for (const auto& part : parts) {
    const auto row = part.from->names.first_mention[part.name];
    if (!homes.empty() || row == 0) continue;
    const auto ref = part.from->rows.refs[row - 1];
    if (first && *first < ref) continue;
    first = ref;
    writer = &part;
  }
  name.described =
      writer != nullptr && (writer->from->names.flags[writer->name] & NameFlag::described) != 0;
  if (!name.described) return;
  name.written = writer->from->names.written[writer->name];
  name.kind = writer->from->names.kinds[writer->name];
}

} // namespace graphrag::query::parts
