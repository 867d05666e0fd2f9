#include <algorithm>

#include "actors/chunk/index/state.hpp"
#include "runtime/check.hpp"

namespace graphrag::chunk {

ReadView::ReadView(std::shared_ptr<const CollectionIndex> index)
    : state_(std::make_unique<State>()) {
  state_->set = index->state_->current();
  state_->shared = state_->set->shared.get();
  state_->shards.reserve(state_->set->shards.size());
  for (const auto& shard : state_->set->shards) state_->shards.push_back(shard->snapshot());
  for (std::uint32_t i = 0; i < state_->shards.size(); ++i) state_->seen.push_back(i);
  state_->chunks = state_->shared->chunks.load(std::memory_order_relaxed);
  state_->tokens = state_->shared->tokens.load(std::memory_order_relaxed);
  state_->set_average();
  state_->index = std::move(index);
}

ReadView::ReadView(std::shared_ptr<const CollectionIndex> index,
                   std::span<const std::uint32_t> shards)
    : ReadView(std::move(index)) {
  state_->part = true;
  state_->seen.assign(shards.begin(), shards.end());
  state_->chunks = state_->tokens = 0;
  for (std::uint32_t i = 0; i < state_->shards.size(); ++i) {
    if (std::find(shards.begin(), shards.end(), i) == shards.end()) {
      state_->shards[i].documents = state_->shards[i].chunks = 0;
    } else {
      state_->chunks += state_->shard(i).live_chunks();
      state_->tokens += state_->shard(i).live_tokens();
    }
  }
  state_->set_average();
}

ReadView::~ReadView() = default;
ReadView::ReadView(ReadView&&) noexcept = default;
ReadView& ReadView::operator=(ReadView&&) noexcept = default;

std::uint64_t ReadView::applied() const noexcept {
  auto lowest = ~std::uint64_t{0};
  for (auto i : state_->seen) lowest = std::min(lowest, state_->shards[i].seq);
  return lowest;
}
std::string ReadView::fingerprint() const {
  std::string out;
  for (const auto& shard : state_->shards)
    out.append(reinterpret_cast<const char*>(&shard.seq), sizeof shard.seq);
  return out;
}
std::uint32_t ReadView::shards() const noexcept {
  return static_cast<std::uint32_t>(state_->shards.size());
}
std::uint64_t ReadView::chunk_count() const noexcept { return state_->chunks; }
float ReadView::average_length() const noexcept { return state_->average_length; }

TermId ReadView::find_term(std::string_view term) const noexcept {
  return state_->shared->terms.find(term);
}

std::uint32_t ReadView::document_frequency(TermId term) const noexcept {
  return state_->known(term) ? state_->frequency(term).frequency : 0;
}

float ReadView::idf(TermId term) const noexcept {
  return state_->known(term) ? state_->frequency(term).idf
                             : detail::inverse_document_frequency(state_->chunks, 0);
}

CollectionStatistics ReadView::statistics(std::span<const std::string> terms) const {
  CollectionStatistics out{state_->chunks, state_->tokens, {}};
  for (const auto& term : terms) out.holding.push_back(document_frequency(find_term(term)));
  return out;
}

void ReadView::score_by(const CollectionStatistics& whole, std::span<const std::string> terms) {
  RUNTIME_CHECK(whole.holding.size() == terms.size(), "statistics are of the terms asked for");
  state_->chunks = whole.chunks;
  state_->tokens = whole.tokens;
  state_->set_average();
  state_->memo = {};
  for (std::size_t i = 0; i < terms.size(); ++i)
    if (const auto term = find_term(terms[i]); term != no_term)
      state_->memo.get(term, [&] { return state_->entry(term, whole.holding[i]); });
}

bool ReadView::visible(ChunkRef ref) const noexcept {
  if (ref.shard >= state_->shards.size() || ref.ord >= state_->shards[ref.shard].chunks)
    return false;
  return state_->visible(ref.shard, state_->shard(ref.shard).document_of(ref.ord));
}

bool ReadView::passes(ChunkRef ref, const FilterSet& filter) const noexcept {
  return filter.all() || filter.test(ref.shard, state_->shard(ref.shard).document_of(ref.ord));
}

ChunkView ReadView::chunk(ChunkRef ref) const noexcept {
  const auto& shard = state_->shard(ref.shard);
  const auto& entry = shard.chunk(ref.ord);
  ChunkView out;
  out.document = shard.document(shard.document_of(ref.ord)).document;
  out.chunk = &out.document->analysis.chunks[entry.index];
  out.text = std::string_view{out.document->text}.substr(
      std::min<std::size_t>(out.chunk->start_byte, out.document->text.size()),
      out.chunk->end_byte - out.chunk->start_byte);
  if (entry.index < out.document->chunk_ids.size())
    out.chunk_id = out.document->chunk_ids[entry.index];
  out.terms = {entry.terms, entry.term_count};
  out.names = {entry.names, entry.name_count};
  out.length = shard.length_of(ref.ord);
  return out;
}

std::optional<std::pair<ChunkRef, std::uint32_t>>
ReadView::find_document(std::string_view id) const {
  auto shard = state_->index->shard_of(id);
  auto ord = state_->shard(shard).find(id, state_->shards[shard]);
  if (ord == detail::no_id) return std::nullopt;
  const auto& entry = state_->shard(shard).document(ord);
  if (entry.chunk_count == 0) return std::nullopt;
  return std::pair{ChunkRef{shard, entry.first_chunk}, entry.chunk_count - 1};
}

TermId ReadView::find_name(std::uint64_t key) const noexcept {
  return state_->shared->names.find(key);
}
std::uint64_t ReadView::name_key(TermId name) const noexcept {
  return state_->shared->names[name].key();
}

std::uint32_t ReadView::mention_count(TermId name) const noexcept {
  return state_->count_name(name, &detail::NameEntry::live, &detail::NameLists::live);
}

bool ReadView::has_home(TermId name) const noexcept {
  return state_->count_name(name, &detail::NameEntry::homes, &detail::NameLists::live_homes) > 0;
}

void ReadView::homes(TermId name, std::vector<HomeRef>& out) const {
  out.clear();
  for (std::uint32_t s = 0; s < state_->shards.size(); ++s) {
    const auto* lists = state_->shard(s).name(name);
    if (lists == nullptr) continue;
    lists->homes.for_each([&](const detail::HomePosting& home) {
      if (visible({s, home.ord})) out.push_back({{s, home.ord}, home.confidence, home.tie});
      return home.ord < state_->shards[s].chunks;
    });
  }
  std::sort(out.begin(), out.end(), [&](const HomeRef& a, const HomeRef& b) {
    if (a.confidence != b.confidence) return a.confidence > b.confidence;
    return a.tie != b.tie ? a.tie < b.tie : state_->before(a.ref, b.ref);
  });
}

void ReadView::mentions(TermId name, std::size_t limit, std::vector<ChunkRef>& out) const {
  out.clear();
  for (std::uint32_t s = 0; s < state_->shards.size() && out.size() < limit; ++s) {
    const auto* lists = state_->shard(s).name(name);
    if (lists == nullptr) continue;
    lists->mentions.for_each([&](std::uint32_t ord) {
      if (visible({s, ord})) out.push_back({s, ord});
      return out.size() < limit && ord < state_->shards[s].chunks;
    });
  }
}

void ReadView::for_each_chunk(const std::function<bool(ChunkRef)>& each) const {
  for (std::uint32_t s = 0; s < state_->shards.size(); ++s) {
    const auto& snapshot = state_->shards[s];
    for (std::uint32_t d = 0; d < snapshot.documents; ++d) {
      if (!snapshot.shard->visible(d, snapshot.seq)) continue;
      const auto& entry = snapshot.shard->document(d);
      for (std::uint32_t i = 0; i < entry.chunk_count; ++i)
        if (!each({s, entry.first_chunk + i})) return;
    }
  }
}

bool ReadView::State::before(ChunkRef a, ChunkRef b) const noexcept {
  auto document_a = shard(a.shard).document_of(a.ord),
       document_b = shard(b.shard).document_of(b.ord);
  if (a.shard == b.shard && document_a == document_b) return a.ord < b.ord;
  return shard(a.shard).document(document_a).document->id <
         shard(b.shard).document(document_b).document->id;
}

void ReadView::State::Best::offer(ScoredChunk item) {
  auto worst_first = [&](const ScoredChunk& a, const ScoredChunk& b) { return better(a, b); };
  if (full()) {
    if (!better(item, items_.front())) return;
    std::pop_heap(items_.begin(), items_.end(), worst_first);
    items_.pop_back();
  }
  items_.push_back(item);
  std::push_heap(items_.begin(), items_.end(), worst_first);
}

std::vector<ScoredChunk> ReadView::State::Best::take() {
  std::sort(items_.begin(), items_.end(),
            [&](const auto& a, const auto& b) { return better(a, b); });
  return std::move(items_);
}

} // namespace graphrag::chunk
