#include "actors/chunk/entity_count.hpp"

#include <algorithm>

namespace graphrag::chunk {

std::uint32_t count_entities(const AnalysedDocument& document) {
  std::vector<std::uint64_t> keys;
  for (const auto& chunk : document.chunks)
    for (const auto& mention : chunk.mentions)
      if (!mention.normal.empty()) keys.push_back(mention.key);
  std::sort(keys.begin(), keys.end());
  return static_cast<std::uint32_t>(std::unique(keys.begin(), keys.end()) - keys.begin());
}

} // namespace graphrag::chunk
