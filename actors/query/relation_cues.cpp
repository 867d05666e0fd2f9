#include "actors/query/relation_cues.hpp"

#include <algorithm>

#include <xxhash.h>

#include "actors/query/relation_words.hpp"

namespace graphrag::query {
namespace {
std::uint64_t hash(std::string_view word) { return XXH3_64bits(word.data(), word.size()); }
} // namespace

void RelationCues::read(const std::vector<chunk::Token>& question) {
  words_.clear();
  for (const auto& token : question) {
    const auto said = relation_words(token.term);
    if (said.empty()) continue;
    words_.push_back(hash(token.term));
    for (const auto& word : said) words_.push_back(hash(word));
  }
  std::sort(words_.begin(), words_.end());
}

bool RelationCues::in(std::string_view text) const {
  thread_local std::vector<chunk::Token> tokens;
  chunk::tokenize(text, tokens);
  return std::any_of(tokens.begin(), tokens.end(), [&](const auto& token) {
    return std::binary_search(words_.begin(), words_.end(), hash(token.term));
  });
}

} // namespace graphrag::query
