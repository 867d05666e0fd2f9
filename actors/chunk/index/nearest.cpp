#include "actors/chunk/index/state.hpp"

namespace graphrag::chunk {

std::vector<ScoredChunk> ReadView::nearest(std::string_view model, std::span<const float> vector,
                                           std::size_t k, const FilterSet& filter) const {
  std::vector<float> query(vector.begin(), vector.end());
  if (k == 0 || !detail::normalise(query)) return {};
  std::vector<std::int8_t> codes(query.size());
  auto coded = detail::encode(query, codes.data());

  State::Best best{*state_, k};
  for (std::uint32_t s = 0; s < state_->shards.size(); ++s) {
    const auto& shard = state_->shard(s);
    const auto& snapshot = state_->shards[s];
    shard.vectors().for_each(model, query.size(), [&](const detail::VectorStore::Row& row) {
      if (row.born > snapshot.seq || row.chunk >= snapshot.chunks) return;
      const auto document = shard.document_of(row.chunk);
      if (!filter.all() && !filter.test(s, document)) return;
      if (best.full()) {
        // The coded product is off by at most |q||e_v| + |e_q||v'|; the last part is for rounding.
        float about = coded.scale * row.coded.scale *
                      static_cast<float>(detail::dot(codes.data(), row.codes, codes.size()));
        float off = row.coded.error + coded.error * (1 + row.coded.error) + 1e-5F;
        if (about + off < best.threshold()) return;
      }
      if (!state_->visible(s, document)) return;
      best.offer({{s, row.chunk}, detail::dot(query.data(), row.exact, query.size())});
    });
  }
  return best.take();
}

std::span<const float> ReadView::vector_of(ChunkRef ref, std::string_view model) const noexcept {
  return state_->shard(ref.shard).vector_of(ref.ord, model, state_->shards[ref.shard].seq);
}

} // namespace graphrag::chunk
