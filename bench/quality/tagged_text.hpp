#pragma once
// Sentences of a public set with names and relations marked by hand, as plain text again: the
// tokens joined the way one would print them, with the place of every token kept.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "actors/chunk/analysed_document.hpp"

namespace names_eval {

struct TokenRange { // [first, end) in the tokens of one sentence
  std::uint32_t first = 0, end = 0;
  auto operator<=>(const TokenRange&) const = default;
};

// Between the last tokens of two names.
struct GoldRelation {
  std::uint32_t subject = 0, object = 0;
  std::string type;
  auto operator<=>(const GoldRelation&) const = default;
};

struct Sentence {
  std::vector<std::string> tokens;
  std::vector<graphrag::chunk::Span> places; // of the tokens: bytes in Document::text
  std::vector<TokenRange> names;
  std::vector<std::string> name_types; // one per name, as the file calls it
  std::vector<GoldRelation> relations;
};

struct Document {
  std::string text;
  std::vector<Sentence> sentences;
};

// "token tag" lines, I-TYPE or O, blank lines between sentences, -DOCSTART- between documents.
// With `whole` a document is what the file says, otherwise every sentence is one of its own.
// Throws std::runtime_error when the file cannot be read.
std::vector<Document> read_column_file(const std::string& path, bool whole);

// "number token tag ['relation', ...] [last token of the object, ...]" lines behind "#doc N", one
// sentence each. The relations stand on the last token of their subject.
std::vector<Document> read_relation_file(const std::string& path);

// The tokens that bytes [start, end) of the document's text touch: sentence number and range.
// An empty range when they touch none, or more than one sentence.
std::pair<std::size_t, TokenRange> tokens_at(const Document& document, graphrag::chunk::Span bytes);

} // namespace names_eval
