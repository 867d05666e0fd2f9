#pragma once
// Which of a passage's sentences speak of the relation that a question asks for: "the director of"
// is answered where a text says "directed by".
#include <cstdint>
#include <string_view>
#include <vector>

#include "actors/chunk/analyse.hpp"

namespace graphrag::query {

class RelationCues {
public:
  // Takes the question's words that ask for a relation, and the words that texts use for it
  // (relation_words.hpp). Keeps its memory.
  void read(const std::vector<chunk::Token>& question);
  bool any() const noexcept { return !words_.empty(); }
  // Whether the text holds one of them. Takes the text apart: some microseconds a sentence.
  bool in(std::string_view text) const;

private:
  std::vector<std::uint64_t> words_; // hashed, sorted
};

} // namespace graphrag::query
