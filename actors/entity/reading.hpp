#pragma once
// What the parts of extraction share while they read one chunk: its words, its sentences as word
// ranges, the spans that look like names, and the places where facts are written.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"
#include "actors/entity/key_set.hpp"
#include "actors/entity/names.hpp"
#include "actors/entity/words.hpp"

namespace graphrag::entity {

struct WordRange { // [first, end) in words
  std::uint32_t first = 0, end = 0;
};

// A run of words that is one name, such as "Duke of Nassau".
struct NameSpan {
  std::uint32_t first = 0, last = 0; // words, both included
  std::uint32_t core = 0;            // the first word without what only opens the sentence
  std::uint32_t sentence = 0;
  bool certain = false; // not capital only because it begins a sentence
  bool linked = false;  // to the next one, by a comma, "and", "in the" ...: may be one title
  Kind kind = Kind::unknown;
};

struct Reading {
  std::string_view text;
  Words words;
  std::vector<WordRange> sentences;
  std::vector<NameSpan> names; // in order
  KeySet keys;
  // What the text is about, as a normal name: its title, or what its first sentence defines.
  std::string topic, topic_display;
  chunk::AnalysedChunk* chunk = nullptr;

  // One mention per key; a whole name takes the place of a mere inner part.
  void mention(std::uint32_t first, std::uint32_t last, bool whole, Kind kind);
  void home(std::string_view normal, std::string_view display, float confidence, Kind kind);
  std::string_view display(std::uint32_t first, std::uint32_t last) const {
    const auto span = words.span(first, last);
    return text.substr(span.start, span.end - span.start);
  }
};

// Each fills its part of Reading::chunk. In this order.
void find_title(Reading& reading, std::string_view title);
void find_names(Reading& reading);
void find_chinese_names(Reading& reading);
void find_homes(Reading& reading, std::span<const std::string_view> headings);
void find_chinese_homes(Reading& reading);
void find_aliases(Reading& reading);
void find_relations(Reading& reading);

// By the name's own words: "University of X", "Queen X", "X Island".
Kind kind_of_name(const Words& words, std::uint32_t first, std::uint32_t last);
// By what the words say that it is: "... an American film director". Looks at up to twelve words.
Kind kind_of_definition(const Words& words, std::uint32_t from, std::uint32_t end);

} // namespace graphrag::entity
