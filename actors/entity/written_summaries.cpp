#include "actors/entity/written_summaries.hpp"

#include <algorithm>

#define XXH_INLINE_ALL // the header-only form; hashes are the same
#include <xxhash.h>

namespace graphrag::entity {

std::uint64_t summary_key(const CommunityInfo& community) {
  std::string all;
  for (const auto& sentence : community.sentences)
    all.append(sentence.chunk_id)
        .append(" " + std::to_string(sentence.span.start) + " " +
                std::to_string(sentence.span.end) + "\n");
  return XXH3_64bits(all.data(), all.size());
}

std::string WrittenSummaries::find(const std::string& collection, std::uint64_t key) const {
  std::lock_guard lock{mutex_};
  const auto texts = collections_.find(collection);
  if (texts == collections_.end()) return {};
  const auto found = texts->second.find(key);
  return found == texts->second.end() ? std::string{} : found->second;
}

bool WrittenSummaries::has(const std::string& collection, std::uint64_t key) const {
  std::lock_guard lock{mutex_};
  const auto texts = collections_.find(collection);
  return texts != collections_.end() && texts->second.contains(key);
}

void WrittenSummaries::keep(const std::string& collection, std::uint64_t key, std::string text) {
  std::lock_guard lock{mutex_};
  collections_[collection][key] = std::move(text);
}

void WrittenSummaries::retain(const std::string& collection,
                              const std::unordered_set<std::uint64_t>& keys) {
  std::lock_guard lock{mutex_};
  const auto texts = collections_.find(collection);
  if (texts != collections_.end())
    std::erase_if(texts->second, [&](const auto& entry) { return !keys.contains(entry.first); });
}

void WrittenSummaries::retain_collections(const std::vector<std::string>& names) {
  std::lock_guard lock{mutex_};
  std::erase_if(collections_, [&](const auto& entry) {
    return std::ranges::find(names, entry.first) == names.end();
  });
}

} // namespace graphrag::entity
