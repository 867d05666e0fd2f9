#include <algorithm>

#include "actors/chunk/index/state.hpp"
#include "runtime/check.hpp"
#include "runtime/ids.hpp"

namespace graphrag::chunk {

std::shared_ptr<const DocumentFacets> part_facets(LiveDocument& document) {
  auto facets = std::make_shared<DocumentFacets>();
  for (auto& chunk : document.analysis.chunks)
    facets->terms.push_back(std::exchange(chunk.terms, {}));
  facets->embeddings = std::exchange(document.embeddings, {});
  if (!detail::normalise(document.vector)) document.vector = {};
  return facets;
}

std::shared_ptr<CollectionIndex> CollectionIndex::make(std::string name, std::uint32_t shards) {
  RUNTIME_CHECK(shards >= 1 && shards <= runtime::slot_count, "a collection has 1 to 1024 shards");
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  auto set = std::make_shared<ShardSet>();
  for (std::uint32_t i = 0; i < shards; ++i)
    set->push_back(std::make_shared<detail::Shard>(state->shared));
  state->shards = std::move(set);
  return std::shared_ptr<CollectionIndex>(new CollectionIndex(std::move(state)));
}

CollectionIndex::CollectionIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
CollectionIndex::~CollectionIndex() = default;

const std::string& CollectionIndex::name() const noexcept { return state_->name; }
std::uint32_t CollectionIndex::shards() const noexcept {
  return static_cast<std::uint32_t>(state_->current()->size());
}

std::uint32_t CollectionIndex::shard_of(std::string_view document_id) const noexcept {
  return runtime::shard_of(runtime::slot_of(state_->name, document_id), shards());
}

void CollectionIndex::apply(std::uint32_t shard, std::uint64_t seq,
                            std::span<const DocumentChange> changes) {
  auto set = state_->current();
  auto& target = *set->at(shard);
  RUNTIME_CHECK(seq >= target.applied(), "sequence numbers of a shard grow");
  for (const auto& change : changes) {
    if (change.vectors != nullptr)
      target.attach(change.id, change.vectors, seq);
    else if (change.document == nullptr)
      target.remove(change.id, seq);
    else
      target.insert(change.document, change.facets, seq);
  }
  target.publish(seq);
}

std::uint64_t CollectionIndex::applied(std::uint32_t shard) const noexcept {
  return state_->current()->at(shard)->applied();
}

bool CollectionIndex::compact(std::uint32_t shard, double dead_ratio) {
  constexpr std::uint64_t least = 1000;
  auto old = state_->current()->at(shard);
  auto dead = old->dead_chunks();
  if (dead < least ||
      static_cast<double>(dead) < dead_ratio * static_cast<double>(old->all_chunks()))
    return false;
  auto fresh = old->without_dead();
  std::lock_guard lock{state_->mutex};
  auto set = std::make_shared<ShardSet>(*state_->shards);
  set->at(shard) = std::move(fresh);
  state_->shards = std::move(set);
  return true;
}

IndexStats CollectionIndex::stats() const {
  IndexStats out;
  out.chunks = state_->shared.chunks.load(std::memory_order_relaxed);
  out.terms = state_->shared.terms.size();
  out.names = state_->shared.names.size();
  out.bytes = state_->shared.terms.bytes() + state_->shared.names.bytes();
  for (const auto& shard : *state_->current()) {
    out.documents += shard->live_documents();
    out.dead_chunks += shard->dead_chunks();
    out.vectors += shard->live_vectors();
    out.bytes += shard->bytes();
  }
  return out;
}

} // namespace graphrag::chunk
