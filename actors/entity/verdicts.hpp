#pragma once
// What people decided of names: pairs that are one entity, and pairs that never are.
#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "actors/entity/names.hpp"

namespace graphrag::entity {

// A verdict on two names, by their normal forms.
struct NameVerdict {
  std::string first, second;
  bool same = false;
};

// Looked up by name keys. The last verdict on a pair counts.
class NameVerdicts {
public:
  using Pair = std::pair<std::uint64_t, std::uint64_t>; // the smaller key first

  void set(std::span<const NameVerdict> verdicts) {
    pairs_.clear();
    same_.clear();
    different_.clear();
    for (const auto& verdict : verdicts) {
      auto a = name_key(verdict.first);
      auto b = name_key(verdict.second);
      if (a != b) pairs_[std::minmax(a, b)] = verdict.same;
    }
    for (const auto& [pair, same] : pairs_) {
      if (same) {
        same_.push_back(pair);
      } else {
        different_[pair.first].push_back(pair.second);
        different_[pair.second].push_back(pair.first);
      }
    }
  }

  bool empty() const noexcept { return pairs_.empty(); }
  const std::map<Pair, bool>& all() const noexcept { return pairs_; } // pair -> same
  const std::vector<Pair>& same() const noexcept { return same_; }    // in the order of their keys
  // The names that this one must never be one with.
  std::span<const std::uint64_t> different(std::uint64_t key) const {
    auto found = different_.find(key);
    return found == different_.end() ? std::span<const std::uint64_t>{} : found->second;
  }

private:
  std::map<Pair, bool> pairs_;
  std::vector<Pair> same_;
  std::map<std::uint64_t, std::vector<std::uint64_t>> different_;
};

} // namespace graphrag::entity
