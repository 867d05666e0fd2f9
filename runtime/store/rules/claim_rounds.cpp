#include "runtime/store/rules/claim_rounds.hpp"

#include <algorithm>
#include <tuple>

namespace graphrag::runtime {

bool is_free_of(const std::string& owner, std::span<const std::string> busy) {
  return owner.empty() || std::ranges::find(busy, owner) == busy.end();
}

std::vector<Claimable> in_rounds(std::vector<Claimable> by_collection, std::size_t limit) {
  std::vector<std::pair<std::size_t, Claimable>> places; // with their rounds
  for (auto& document : by_collection) {
    bool same = !places.empty() && places.back().second.key.collection == document.key.collection;
    auto round = same ? places.back().first + 1 : 0;
    places.emplace_back(round, std::move(document));
  }
  std::ranges::sort(places, [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.accepted_ms, a.second.key) <
           std::tie(b.first, b.second.accepted_ms, b.second.key);
  });
  std::vector<Claimable> out;
  for (auto& [round, document] : places)
    if (out.size() < limit) out.push_back(std::move(document));
  return out;
}

} // namespace graphrag::runtime
