#include "actors/query/candidates.hpp"

#include <algorithm>

#include "actors/query/weights.hpp"

namespace graphrag::query {

void Candidates::begin(const chunk::ReadView& view, std::span<const chunk::QueryTerm> terms) {
  view_ = &view;
  terms_ = terms;
  items_.clear();
  parts_.clear();
  numbers_.clear();
}

std::uint32_t Candidates::add(chunk::ChunkRef ref) {
  const auto known = numbers_.find(ref.packed());
  if (known != no_candidate) return known;
  if (items_.size() >= weights::max_candidates) return no_candidate;
  const auto number = static_cast<std::uint32_t>(items_.size());
  numbers_.insert(ref.packed(), number);
  auto& made = items_.emplace_back();
  made.ref = ref;
  const auto from = parts_.size();
  parts_.resize(from + terms_.size());
  const auto own = std::span{parts_}.subspan(from);
  view_->contributions(ref, terms_, own);
  for (auto part : own) made.keyword += part;
  return number;
}

float Candidates::together(std::uint32_t a, std::uint32_t b) const noexcept {
  const auto x = parts(a);
  const auto y = parts(b);
  float sum = 0;
  for (std::size_t t = 0; t < x.size(); ++t) sum += std::max(x[t], y[t]);
  return sum;
}

} // namespace graphrag::query
