#pragma once
// From free predicates ("president of", "in") to the five types of a public set, by a few words
// that anybody would put there and the kinds of the two names.
#include <array>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"
#include "bench/quality/tagged_text.hpp"

namespace names_eval {

inline constexpr std::array<std::string_view, 5> relation_types{"Work_For", "Kill", "OrgBased_In",
                                                                "Live_In", "Located_In"};

// When one of our names is the marked one: with exactly its tokens, or with the same last token
// (the set ties its relations to last tokens), or with any token of it ("Kinderhook" of
// "Kinderhook, N.Y.").
enum class Matching : unsigned char { exact, last_token, same_name };

// The chunk's relations that are of one of the types, between the last tokens of the two names.
// A name stands in a relation as its normal form: it is looked for in the relation's sentence.
void typed_relations(const Document& document, const graphrag::chunk::AnalysedChunk& chunk,
                     Matching matching, std::vector<GoldRelation>& out);

// Every place in the chunk where one of the given names stands: the spans, and where else their
// words are written, longest first, none within another.
std::vector<graphrag::chunk::Span> repeated(std::string_view text,
                                            const graphrag::chunk::AnalysedChunk& chunk,
                                            std::vector<graphrag::chunk::Span> spans);

} // namespace names_eval
