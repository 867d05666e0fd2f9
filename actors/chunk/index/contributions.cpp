// What each term of a question adds to many chunks. The chunks are in no order, so the cost is
// waiting for memory: frequent terms are read from their columns, for the others the signature in
// the chunk's entry says mostly no, and what remains to be read is asked for some chunks ahead.
#include <algorithm>
#include <vector>

#include "actors/chunk/index/state.hpp"

namespace graphrag::chunk {
namespace {

constexpr std::size_t entries_ahead = 8, terms_ahead = 4; // chunks

struct Term {
  TermId id = no_term;
  float factor = 0; // 0: adds nothing
};

} // namespace

void ReadView::contributions(std::span<const ChunkRef> refs, std::span<const QueryTerm> terms,
                             std::span<float> out, const Bm25& parameters) const {
  thread_local std::vector<Term> known;
  thread_local std::vector<const detail::Column*>
      columns; // per shard and term; null: forward index
  const auto width = terms.size();
  known.assign(width, {});
  columns.assign(state_->shards.size() * width, nullptr);
  for (std::size_t t = 0; t < width; ++t) {
    if (terms[t].weight <= 0 || !state_->known(terms[t].term)) continue;
    known[t] = {
        terms[t].term,
        detail::term_factor(terms[t].weight, state_->frequency(terms[t].term).idf, parameters)};
    for (std::uint32_t s = 0; s < state_->shards.size(); ++s)
      if (const auto* list = state_->shard(s).postings(terms[t].term))
        columns[s * width + t] = list->column.load(std::memory_order_acquire);
  }
  const detail::LengthNorm norm_of{parameters, state_->average_length};
  const auto entry = [&](std::size_t i) -> const detail::ChunkEntry& {
    return state_->shard(refs[i].shard).chunk(refs[i].ord);
  };
  const auto may_hold_one = [&](std::size_t i) {
    const auto& chunk = entry(i);
    for (std::size_t t = 0; t < width; ++t)
      if (columns[refs[i].shard * width + t] == nullptr && chunk.may_hold(known[t].id)) return true;
    return false;
  };
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (i + entries_ahead < refs.size()) __builtin_prefetch(&entry(i + entries_ahead));
    if (i + terms_ahead < refs.size() && may_hold_one(i + terms_ahead))
      entry(i + terms_ahead).prefetch_terms();
    const auto& shard = state_->shard(refs[i].shard);
    const auto& chunk = entry(i);
    const auto norm = norm_of(static_cast<float>(shard.length_of(refs[i].ord)));
    for (std::size_t t = 0; t < width; ++t) {
      const auto* column = columns[refs[i].shard * width + t];
      std::uint32_t tf = detail::column_limit;
      if (column != nullptr) {
        const auto* count = column->find(refs[i].ord);
        tf = count == nullptr ? 0 : *count;
      }
      if (tf == detail::column_limit) tf = chunk.tf(known[t].id);
      out[i * width + t] =
          tf == 0 ? 0 : detail::term_score(known[t].factor, static_cast<float>(tf), norm);
    }
  }
}

} // namespace graphrag::chunk
