#pragma once
// The sentences of a passage as candidates for an answer: what each has of the question, and what
// it cannot be understood without.
#include <cstdint>
#include <limits>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/query/asked_words.hpp"

namespace graphrag::query {

struct Sentence {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t source = 0; // the passage's number, as given
  chunk::Span span;         // in the chunk's text
  Covered covered;          // with that of its table's header, or of the question that it follows
  bool holds_wanted = false;
  bool is_short = false;   // or the head of a mail
  bool names_only = false; // a heading and the like
  bool opens = false;      // the first of a document, which mostly says what it is about
  bool defines = false;    // says what the question's topic is: "Marley was ..."
  bool heads = false;      // a question, the header of a table, a menu: it says nothing alone
  // The sentence that has to stand before it: the header of its table, the question that it
  // follows, or for one that begins with a pronoun the last that does not. A place in the list;
  // none for most.
  std::uint32_t before = none;
};

// Appends the passage's sentences in their order.
void read_sentences(const chunk::ChunkView& passage, std::uint32_t source, const Plan& plan,
                    const AskedWords& asked, std::vector<Sentence>& sentences);

} // namespace graphrag::query
