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
#include "actors/entity/said.hpp"
#include "actors/entity/words.hpp"

namespace graphrag::entity {

struct WordRange { // [first, end) in words
  std::uint32_t first = 0, end = 0;
};

// A run of words that is one name, such as "Duke of Nassau".
struct NameSpan {
  std::uint32_t first = 0, last = 0; // words, both included
  std::uint32_t core = 0;            // the first word of the name proper: no year, no "Senator"
  std::uint32_t sentence = 0;
  bool certain = false;   // not capital only because it begins a sentence
  bool adjective = false; // "American" before a noun: a name, but of no thing that does anything
  bool linked = false;    // to the next one, by a comma, "and", "in the" ...: may be one title
  Kind kind = Kind::unknown;
};

struct Reading {
  std::string_view text;
  Words words;
  std::vector<WordRange> sentences;
  std::vector<NameSpan> names;   // in order
  std::vector<WordRange> quoted; // titles in quotation marks
  KeySet keys;
  // What the text is about, as a normal name: its title, or what its first sentence defines.
  std::string topic, topic_display;
  // The document's title, when it says more than the topic in brackets: "X (film)". Else empty.
  std::string title, title_display;
  chunk::AnalysedChunk* chunk = nullptr;
  Said said; // of the subject whose homes are being written

  // One mention per key; a whole name takes the place of a mere inner part.
  void mention(std::uint32_t first, std::uint32_t last, bool whole, Kind kind);
  // Once each; nothing when the two are the same or the chunk states too many already.
  void relation(std::string_view subject, std::string predicate, std::string_view object,
                std::uint32_t sentence);
  // Once each; nothing when the two are the same or the chunk states too many already.
  void alias(std::string_view longer, std::string_view display, std::string_view shorter,
             std::string_view shorter_display, chunk::Span span, AliasRule rule);
  const NameSpan* name_before(std::uint32_t word) const; // that ends right before it; or null
  const NameSpan* name_at(std::uint32_t word) const;     // that the word is in; or null
  chunk::Span sentence_span(std::uint32_t s) const {
    return words.span(sentences[s].first, sentences[s].end - 1);
  }
  std::string_view normal(const NameSpan& name) const { return words.normal(name.core, name.last); }
  void home(std::string_view normal, std::string_view display, float confidence, Kind kind);
  void tell(chunk::Home& home) const; // what is said, unless the home knows
  std::string_view display(std::uint32_t first, std::uint32_t last) const {
    const auto span = words.span(first, last);
    return text.substr(span.start, span.end - span.start);
  }
};

// Each fills its part of Reading::chunk. In this order.
void find_title(Reading& reading, std::string_view title);
void find_spans(Reading& reading); // names and quoted
void find_names(Reading& reading); // which of them are mentions, and their parts
void find_chinese_names(Reading& reading);
void find_homes(Reading& reading, std::span<const std::string_view> headings);
void find_chinese_homes(Reading& reading);
void find_aliases(Reading& reading);     // with find_other_names()
void find_other_names(Reading& reading); // "also known as"
void find_kinds(Reading& reading);     // of names that do not tell theirs, by the words around them
void find_relations(Reading& reading); // the words between two names
void find_patterns(Reading& reading);  // what punctuation and the order of words tell
void find_deeds(Reading& reading);     // who killed whom

// The words [first, end) as a predicate that ends in "of": "spokesman of".
std::string role_text(const Words& words, std::uint32_t first, std::uint32_t end);
// Whether the words [first, end) between two names say what the second is to the first:
// "spokesman",
// "'s assassin,".
bool role_before_name(const Words& words, std::uint32_t first, std::uint32_t end);
// Capitalised words that may be a person's name: none is a common word or names a kind of thing.
bool plain_name(const Words& words, std::uint32_t first, std::uint32_t last);

// By the name's own words: "University of X", "Queen X", "X Island".
Kind kind_of_name(const Words& words, std::uint32_t first, std::uint32_t last);
// By what the words say that it is: "... an American film director". Looks at up to twelve words.
Kind kind_of_definition(const Words& words, std::uint32_t from, std::uint32_t end);

} // namespace graphrag::entity
