#include "actors/query/candidates.hpp"

#include <algorithm>

#include "actors/query/weights.hpp"

namespace graphrag::query {

void Candidates::begin(View& view, std::span<const chunk::QueryTerm> terms) {
  view_ = &view;
  terms_ = terms;
  items_.clear();
  parts_.clear();
  numbers_.clear();
}

std::uint32_t Candidates::add(chunk::ChunkRef ref) {
  thread_local std::vector<std::uint32_t> numbers;
  add({&ref, 1}, numbers);
  return numbers.front();
}

void Candidates::add(std::span<const chunk::ChunkRef> refs, std::vector<std::uint32_t>& numbers) {
  numbers.clear();
  fresh_.clear();
  for (const auto ref : refs) {
    const auto next = static_cast<std::uint32_t>(items_.size());
    const bool room = next < weights::max_candidates;
    const auto number = room ? numbers_.insert(ref.packed(), next) : numbers_.find(ref.packed());
    numbers.push_back(number);
    if (!room || number != next) continue;
    items_.emplace_back().ref = ref;
    fresh_.push_back(ref);
  }
  if (fresh_.empty()) return;
  const auto from = parts_.size();
  parts_.resize(from + fresh_.size() * terms_.size());
  view_->contributions(fresh_, terms_, std::span{parts_}.subspan(from));
  for (auto i = items_.size() - fresh_.size(); i < items_.size(); ++i)
    for (const auto part : parts(static_cast<std::uint32_t>(i))) items_[i].keyword += part;
}

float Candidates::together(std::uint32_t a, std::uint32_t b) const noexcept {
  const auto x = parts(a);
  const auto y = parts(b);
  float sum = 0;
  for (std::size_t t = 0; t < x.size(); ++t) sum += std::max(x[t], y[t]);
  return sum;
}

} // namespace graphrag::query
