#pragma once
// Summaries of communities that a model wrote, kept in memory by the sentences they were written
// from: a community whose sentences change has none until it is written anew. Thread-safe.
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/entity/community_snapshot.hpp"

namespace graphrag::entity {

// Stands for the sentences of a community, in their order.
std::uint64_t summary_key(const CommunityInfo& community);

class WrittenSummaries {
public:
  // Empty: none. Shown only while all sentences of the community are alive, which the caller asks.
  std::string find(const std::string& collection, std::uint64_t key) const;
  bool has(const std::string& collection, std::uint64_t key) const;
  void keep(const std::string& collection, std::uint64_t key, std::string text);
  // Forgets those of the collection that are not in `keys`.
  void retain(const std::string& collection, const std::unordered_set<std::uint64_t>& keys);
  // Forgets collections that are not among these.
  void retain_collections(const std::vector<std::string>& names);

private:
  using Texts = std::unordered_map<std::uint64_t, std::string>;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Texts> collections_;
};

} // namespace graphrag::entity
