#include "actors/chunk/index/shard.hpp"

#include <algorithm>

namespace graphrag::chunk::detail {
namespace {

std::uint16_t clamp16(std::uint32_t value) noexcept {
  return static_cast<std::uint16_t>(std::min(value, posting_limit));
}

// The homes of a chunk, one per name: the surest.
std::vector<std::pair<std::uint64_t, float>> best_homes(const AnalysedChunk& chunk) {
  std::vector<std::pair<std::uint64_t, float>> out;
  for (const auto& home : chunk.homes) out.emplace_back(home.key, home.confidence);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second > b.second;
  });
  out.erase(std::unique(out.begin(), out.end(),
                        [](const auto& a, const auto& b) { return a.first == b.first; }),
            out.end());
  return out;
}

// By id, each once.
void sort_terms(std::vector<TermTf>& terms) {
  std::sort(terms.begin(), terms.end(),
            [](auto a, auto b) { return a.term != b.term ? a.term < b.term : a.tf > b.tf; });
  terms.erase(
      std::unique(terms.begin(), terms.end(), [](auto a, auto b) { return a.term == b.term; }),
      terms.end());
}

std::uint64_t estimate_bytes(const LiveDocument& document) {
  std::uint64_t bytes = sizeof document + document.text.capacity() + document.metadata.capacity() +
                        document.title.capacity() + document.filename.capacity() +
                        document.id.capacity() + document.vector.capacity() * sizeof(float);
  for (const auto& chunk : document.analysis.chunks) {
    bytes += sizeof chunk + sizeof(std::string) + 33 + chunk.section.capacity() +
             chunk.sentences.capacity() * sizeof(Span);
    for (const auto& mention : chunk.mentions) bytes += sizeof mention + mention.normal.size();
    for (const auto& home : chunk.homes)
      bytes += sizeof home + home.normal.size() + home.display.size();
    for (const auto& alias : chunk.aliases)
      bytes += sizeof alias + 2 * (alias.normal_a.size() + alias.normal_b.size());
    for (const auto& relation : chunk.relations)
      bytes += sizeof relation + relation.subject.size() + relation.object.size() +
               relation.predicate.size();
  }
  return bytes;
}

template <class T>
void add(std::atomic<T>& counter, T by) noexcept {
  counter.fetch_add(by, std::memory_order_relaxed);
}

} // namespace

std::uint64_t Shared::living() const noexcept {
  const auto some = [](const auto& count) { return count.load(std::memory_order_relaxed) > 0; };
  std::uint64_t out = 0;
  for (std::uint32_t i = 0, end = terms.size(); i < end; ++i) out += some(terms[i].live);
  for (std::uint32_t i = 0, end = names.size(); i < end; ++i)
    out += some(names[i].live) || some(names[i].homes);
  return out;
}

std::uint32_t ChunkEntry::tf(TermId term) const noexcept {
  if (!may_hold(term)) return 0;
  const TermTf* low = terms;
  for (std::uint32_t size = term_count; size > 1;) { // branch-free halving
    std::uint32_t half = size / 2;
    low += low[half].term <= term ? half : 0;
    size -= half;
  }
  return low->term == term ? low->tf : 0; // a chunk without terms may hold none
}

template <class List>
List& Shard::make_list(Directory& directory, SegmentedArray<List>& lists, std::uint32_t& count,
                       std::uint32_t id) {
  auto& number = directory.make(id);
  auto value = number.load(std::memory_order_relaxed);
  if (value != 0) return lists[value - 1];
  auto& made = lists.make(count++);
  number.store(count, std::memory_order_release);
  return made;
}

std::uint32_t Shard::latest(std::string_view id) const noexcept {
  return ids_.find(hash_of(id),
                   [&](std::uint32_t ord) { return documents_[ord].document->id == id; });
}

std::uint32_t Shard::find(std::string_view id, const Snapshot& snapshot) const noexcept {
  auto ord = latest(id);
  while (ord != no_id && ord >= snapshot.documents) ord = documents_[ord].previous;
  return ord != no_id && visible(ord, snapshot.seq) ? ord : no_id;
}

void Shard::insert(std::shared_ptr<const LiveDocument> kept,
                   std::shared_ptr<const DocumentFacets> facets, std::uint64_t seq) {
  auto previous = latest(kept->id);
  if (!facets) {
    auto copy = std::make_shared<LiveDocument>(*kept);
    facets = part_facets(*copy);
    kept = std::move(copy);
  }

  std::vector<std::vector<TermTf>> terms(kept->analysis.chunks.size());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto& counted = facets->terms[i];
    for (const auto& [term, count] : counted)
      if (count > 0)
        terms[i].push_back({shared_.terms.intern(term), std::min(count, posting_limit)});
    // What a view shows has no terms (the forward index has them). When it comes back as a patch of
    // the same content, its terms are those of the version that it replaces.
    if (counted.empty() && previous != no_id) {
      const auto& before = documents_[previous];
      if (before.document->content_hash == kept->content_hash && i < before.chunk_count) {
        const auto& same = chunks_[before.first_chunk + static_cast<std::uint32_t>(i)];
        terms[i].assign(same.terms, same.terms + same.term_count);
      }
    }
    sort_terms(terms[i]);
  }

  auto ord = written_documents_;
  add_document(kept, seq);
  for (std::uint32_t i = 0; i < terms.size(); ++i) {
    const auto& analysed = kept->analysis.chunks[i];
    std::vector<TermId> names;
    for (const auto& mention : analysed.mentions)
      names.push_back(shared_.names.intern(mention.key));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    auto chunk = written_chunks_;
    add_chunk(terms[i], names, ord, i, std::min(analysed.length, posting_limit));
    add_homes(analysed, ord, chunk);
    count(chunks_[chunk], analysed, true);
  }
  for (const auto& vectors : facets->embeddings) add_vectors(ord, vectors, seq);
  add(live_documents_, std::uint64_t{1});
  if (!kept->vector.empty()) add(live_vectors_, std::uint64_t{1});
  if (previous != no_id && died_[previous].load(std::memory_order_relaxed) == alive)
    bury(previous, seq);
}

void Shard::remove(std::string_view id, std::uint64_t seq) {
  auto ord = latest(id);
  if (ord != no_id && died_[ord].load(std::memory_order_relaxed) == alive) bury(ord, seq);
}

void Shard::attach(std::string_view id, std::shared_ptr<const runtime::ChunkVectors> vectors,
                   std::uint64_t seq) {
  auto ord = latest(id);
  if (ord != no_id && died_[ord].load(std::memory_order_relaxed) == alive)
    add_vectors(ord, std::move(vectors), seq);
}

void Shard::add_vectors(std::uint32_t document,
                        std::shared_ptr<const runtime::ChunkVectors> vectors, std::uint64_t seq) {
  const auto& entry = documents_[document];
  auto& facets = facets_[document];
  const auto size = std::size_t{entry.chunk_count} * vectors->dimension;
  if (entry.chunk_count == 0 || vectors->dimension == 0 || vectors->floats.size() != size) return;
  const auto* first = facets.load(std::memory_order_relaxed);
  for (const auto* facet = first; facet != nullptr; facet = facet->next)
    if ((*facet->vectors)->model == vectors->model) return;
  for (std::uint32_t i = 0; i < entry.chunk_count; ++i) {
    auto row =
        std::span{vectors->floats}.subspan(std::size_t{i} * vectors->dimension, vectors->dimension);
    if (std::any_of(row.begin(), row.end(), [](float x) { return x != 0; }))
      vectors_.add(vectors->model, entry.first_chunk + i, seq, row);
  }
  add(vector_bytes_, std::uint64_t{vectors->floats.capacity() * sizeof(float)});
  add(live_vectors_, std::uint64_t{1});
  const auto& kept = owned_vectors_.emplace_back(std::move(vectors));
  auto* facet = arena_.array<Facet>(1);
  *facet = {&kept, seq, first};
  facets.store(facet, std::memory_order_release);
}

std::span<const float> Shard::vector_of(std::uint32_t chunk, std::string_view model,
                                        std::uint64_t seq) const noexcept {
  const auto document = document_of(chunk);
  const auto* facet = facets_[document].load(std::memory_order_acquire);
  for (; facet != nullptr; facet = facet->next) {
    const auto& vectors = **facet->vectors;
    if (facet->born <= seq && vectors.model == model)
      return std::span{vectors.floats}.subspan(
          std::size_t{chunk - documents_[document].first_chunk} * vectors.dimension,
          vectors.dimension);
  }
  return {};
}

void Shard::publish(std::uint64_t seq) noexcept {
  document_count_.store(written_documents_, std::memory_order_release);
  applied_.store(seq, std::memory_order_release); // last: what makes all of it visible at once
}

Snapshot Shard::snapshot() const noexcept {
  Snapshot out{this, applied_.load(std::memory_order_acquire), 0, 0};
  out.documents = document_count_.load(std::memory_order_acquire);
  // The writer may have published more between the two loads.
  while (out.documents > 0 && documents_[out.documents - 1].born > out.seq) --out.documents;
  if (out.documents > 0) {
    const auto& last = documents_[out.documents - 1];
    out.chunks = last.first_chunk + last.chunk_count;
  }
  return out;
}

void Shard::add_document(std::shared_ptr<const LiveDocument> document, std::uint64_t born) {
  auto ord = written_documents_;
  auto hash = hash_of(std::string_view{document->id});
  auto previous = latest(document->id);
  documents_.make(ord) = {document.get(), born, written_chunks_,
                          static_cast<std::uint32_t>(document->analysis.chunks.size()), previous};
  died_.make(ord);
  facets_.make(ord);
  if (previous == no_id)
    ids_.insert(hash, ord);
  else
    ids_.replace(hash, previous, ord);
  metadata_.add(ord, *document);
  if (!document->vector.empty() && !document->analysis.chunks.empty())
    vectors_.add("", written_chunks_, born, document->vector);
  add(document_bytes_, estimate_bytes(*document));
  owned_.push_back(std::move(document));
  written_documents_ = ord + 1;
}

void Shard::add_chunk(std::span<const TermTf> terms, std::span<const TermId> names,
                      std::uint32_t document, std::uint32_t index, std::uint32_t length) {
  auto ord = written_chunks_;
  auto* kept_terms = arena_.array<TermTf>(terms.size());
  std::copy(terms.begin(), terms.end(), kept_terms);
  auto* kept_names = arena_.array<TermId>(names.size());
  std::copy(names.begin(), names.end(), kept_names);
  chunk_documents_.make(ord) = document;
  lengths_.make(ord) = clamp16(length);
  auto& entry = chunks_.make(ord);
  entry = {kept_terms,
           kept_names,
           static_cast<std::uint32_t>(terms.size()),
           static_cast<std::uint32_t>(names.size()),
           index,
           {}};
  for (auto [term, tf] : terms) entry.sign(term);
  for (auto [term, tf] : terms) add_posting(term, {ord, clamp16(tf), clamp16(length)});
  for (auto name : names)
    make_list(name_lists_, names_, name_list_count_, name).mentions.append(arena_, ord);
  written_chunks_ = ord + 1;
  chunk_count_.store(written_chunks_, std::memory_order_relaxed);
}

void Shard::add_posting(TermId term, const Posting& posting) {
  // A column of bytes costs at most as much as the postings do from here on.
  constexpr std::uint32_t least = 512, one_in = 8;
  auto& list = make_list(term_lists_, postings_, posting_lists_, term);
  list.add(arena_, posting);
  bool has_column = list.column.load(std::memory_order_relaxed) != nullptr;
  if (!has_column && (list.size() < least || list.size() < posting.ord / one_in)) return;
  auto& column = columns_[term];
  auto set = [&](const Posting& at) {
    auto before = column.bytes();
    column.make(at.ord) = static_cast<std::uint8_t>(std::min<std::uint32_t>(at.tf, column_limit));
    if (column.bytes() != before) add(column_bytes_, column.bytes() - before);
    return true;
  };
  if (has_column) {
    set(posting);
  } else {
    list.for_each(set);
    list.column.store(&column, std::memory_order_release);
  }
}

void Shard::add_homes(const AnalysedChunk& chunk, std::uint32_t document, std::uint32_t ord) {
  const auto tie = static_cast<std::uint32_t>(
      hash_of(std::string_view{documents_[document].document->id}) >> 32);
  for (auto [key, confidence] : best_homes(chunk))
    make_list(name_lists_, names_, name_list_count_, shared_.names.intern(key))
        .homes.append(arena_, {ord, confidence, tie});
}

void Shard::bury(std::uint32_t ord, std::uint64_t seq) {
  died_[ord].store(seq + 1, std::memory_order_release);
  const auto& entry = documents_[ord];
  for (std::uint32_t i = 0; i < entry.chunk_count; ++i)
    count(chunks_[entry.first_chunk + i], entry.document->analysis.chunks[i], false);
  add(dead_chunks_, std::uint64_t{entry.chunk_count});
  add(live_documents_, ~std::uint64_t{0});
  if (!entry.document->vector.empty()) add(live_vectors_, ~std::uint64_t{0});
  const auto* facet = facets_[ord].load(std::memory_order_relaxed);
  for (; facet != nullptr; facet = facet->next) add(live_vectors_, ~std::uint64_t{0});
}

void Shard::count_here(const ChunkEntry& chunk,
                       std::span<const std::pair<std::uint64_t, float>> homes, std::uint32_t length,
                       bool more) noexcept {
  std::uint32_t one = more ? 1 : ~std::uint32_t{0};
  for (std::uint32_t i = 0; i < chunk.term_count; ++i)
    add(known_list(term_lists_, postings_, chunk.terms[i].term).live, one);
  for (std::uint32_t i = 0; i < chunk.name_count; ++i)
    add(known_list(name_lists_, names_, chunk.names[i]).live, one);
  for (auto [key, confidence] : homes)
    add(known_list(name_lists_, names_, shared_.names.find(key)).live_homes, one);
  std::uint64_t tokens = std::min(length, posting_limit);
  add(live_tokens_, more ? tokens : ~tokens + 1);
  add(live_chunks_, more ? std::uint64_t{1} : ~std::uint64_t{0});
}

void Shard::count(const ChunkEntry& chunk, const AnalysedChunk& analysed, bool more) {
  const auto homes = best_homes(analysed);
  count_here(chunk, homes, analysed.length, more);
  std::uint32_t one = more ? 1 : ~std::uint32_t{0};
  for (std::uint32_t i = 0; i < chunk.term_count; ++i)
    add(shared_.terms[chunk.terms[i].term].live, one);
  for (std::uint32_t i = 0; i < chunk.name_count; ++i) add(shared_.names[chunk.names[i]].live, one);
  for (auto [key, confidence] : homes) add(shared_.names[shared_.names.find(key)].homes, one);
  std::uint64_t tokens = std::min(analysed.length, posting_limit);
  add(shared_.tokens, more ? tokens : ~tokens + 1);
  add(shared_.chunks, more ? std::uint64_t{1} : ~std::uint64_t{0});
}

std::shared_ptr<Shard> Shard::living(Shared& under) const {
  auto fresh = std::make_shared<Shard>(under);
  const bool renumber = &under != &shared_;
  std::vector<TermTf> terms;
  std::vector<TermId> names;
  for (std::uint32_t ord = 0; ord < written_documents_; ++ord) {
    if (died_[ord].load(std::memory_order_relaxed) != alive) continue;
    const auto& entry = documents_[ord];
    auto document = fresh->written_documents_;
    fresh->add_document(owned_[ord], entry.born);
    for (std::uint32_t i = 0; i < entry.chunk_count; ++i) {
      const auto& chunk = chunks_[entry.first_chunk + i];
      terms.assign(chunk.terms, chunk.terms + chunk.term_count);
      names.assign(chunk.names, chunk.names + chunk.name_count);
      if (renumber) {
        for (auto& [term, tf] : terms) term = under.terms.intern(shared_.terms[term].key());
        sort_terms(terms);
        for (auto& name : names) name = under.names.intern(shared_.names[name].key());
        std::sort(names.begin(), names.end());
      }
      const auto& analysed = entry.document->analysis.chunks[i];
      auto to = fresh->written_chunks_;
      fresh->add_chunk(terms, names, document, i, length_of(entry.first_chunk + i));
      fresh->add_homes(analysed, document, to);
      if (renumber)
        fresh->count(fresh->chunks_[to], analysed, true);
      else
        fresh->count_here(fresh->chunks_[to], best_homes(analysed), analysed.length, true);
    }
    add(fresh->live_documents_, std::uint64_t{1});
    if (!entry.document->vector.empty()) add(fresh->live_vectors_, std::uint64_t{1});
    const auto* facet = facets_[ord].load(std::memory_order_relaxed);
    for (; facet != nullptr; facet = facet->next)
      fresh->add_vectors(document, *facet->vectors, facet->born);
  }
  fresh->publish(applied());
  return fresh;
}

std::uint64_t Shard::bytes() const noexcept {
  return column_bytes_.load(std::memory_order_relaxed) + arena_.bytes() + documents_.bytes() +
         died_.bytes() + chunks_.bytes() + chunk_documents_.bytes() + lengths_.bytes() +
         term_lists_.bytes() + name_lists_.bytes() + postings_.bytes() + names_.bytes() +
         ids_.bytes() + metadata_.bytes() + vectors_.bytes() + facets_.bytes() +
         vector_bytes_.load(std::memory_order_relaxed) +
         document_bytes_.load(std::memory_order_relaxed);
}

} // namespace graphrag::chunk::detail
