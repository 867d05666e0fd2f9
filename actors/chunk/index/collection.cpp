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
  state->shard_count = shards;
  auto set = std::make_shared<ShardSet>();
  set->shared = std::make_shared<detail::Shared>();
  for (std::uint32_t i = 0; i < shards; ++i)
    set->shards.push_back(std::make_shared<detail::Shard>(*set->shared));
  state->set = std::move(set);
  return std::shared_ptr<CollectionIndex>(new CollectionIndex(std::move(state)));
}

CollectionIndex::CollectionIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
CollectionIndex::~CollectionIndex() = default;

const std::string& CollectionIndex::name() const noexcept { return state_->name; }
std::uint32_t CollectionIndex::shards() const noexcept { return state_->shard_count; }

std::uint32_t CollectionIndex::shard_of(std::string_view document_id) const noexcept {
  return runtime::shard_of(runtime::slot_of(state_->name, document_id), shards());
}

void CollectionIndex::apply(std::uint32_t shard, std::uint64_t seq,
                            std::span<const DocumentChange> changes) {
  std::shared_lock writing{state_->writing};
  auto set = state_->current();
  auto& target = *set->shards.at(shard);
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
  return state_->current()->shards.at(shard)->applied();
}

bool CollectionIndex::compact(std::uint32_t shard, double dead_ratio) {
  constexpr std::uint64_t least = 100;
  std::shared_lock writing{state_->writing};
  const auto old = state_->current()->shards.at(shard);
  auto dead = old->dead_chunks();
  if (dead < least ||
      static_cast<double>(dead) < dead_ratio * static_cast<double>(old->all_chunks()))
    return false;
  auto fresh = old->living(*state_->current()->shared);
  std::lock_guard lock{state_->mutex}; // other shards may be replaced at the same time
  auto set = std::make_shared<ShardSet>(*state_->set);
  set->shards.at(shard) = std::move(fresh);
  state_->set = std::move(set);
  state_->renewal_due = 0; // so many dead are worth a look at what they held
  return true;
}

bool CollectionIndex::renew(std::uint64_t least) {
  const auto entries = [](const detail::Shared& shared) {
    return std::uint64_t{shared.terms.size()} + shared.names.size();
  };
  const auto due = [&] {
    return std::max(state_->renewal_due.load(std::memory_order_relaxed), least);
  };
  // What is rebuilt is chunks; what is gained for each must be worth it.
  const auto chunks = state_->current()->shared->chunks.load(std::memory_order_relaxed);
  least = std::max(least, chunks / 4);
  if (entries(*state_->current()->shared) < due()) return false;
  std::shared_ptr<const ShardSet> old; // freed when writers go on
  std::unique_lock writing{state_->writing};
  old = state_->current();
  const auto all = entries(*old->shared);
  if (all < due()) return false; // another writer did it
  const auto living = old->shared->living();
  state_->renewal_due = 2 * living;
  if (2 * living > all) {
    state_->renewal_due = std::max(2 * living, all + all / 8); // a look costs as much as it finds
    return false;
  }
  auto set = std::make_shared<ShardSet>();
  set->shared = std::make_shared<detail::Shared>();
  for (const auto& shard : old->shards) set->shards.push_back(shard->living(*set->shared));
  std::lock_guard lock{state_->mutex};
  state_->set = std::move(set);
  return true;
}

IndexStats CollectionIndex::stats() const {
  IndexStats out;
  const auto set = state_->current();
  out.chunks = set->shared->chunks.load(std::memory_order_relaxed);
  out.terms = set->shared->terms.size();
  out.names = set->shared->names.size();
  out.bytes = set->shared->terms.bytes() + set->shared->names.bytes();
  for (const auto& shard : set->shards) {
    out.documents += shard->live_documents();
    out.dead_chunks += shard->dead_chunks();
    out.vectors += shard->live_vectors();
    out.bytes += shard->bytes();
  }
  return out;
}

} // namespace graphrag::chunk
