#pragma once
// Questions about a whole collection ("What are the main themes?"), answered from communities of
// entities that are named together.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/entity/community_sentences.hpp"
#include "actors/entity/directory.hpp"
#include "actors/query/query.hpp"

namespace graphrag::query {

// Chooses the communities that answer the question (entity::global_ranking; none that holds another
// chosen one) and quotes a sentence or two of each, all of them together at most eight, best first.
// Under a filter, or when the question has words with content, a community's sentences are chosen
// anew from the passages that pass, and those with words of the question first.
// Only live sentences are shown, whatever the snapshot knows. Hits are the passages cited. Without
// a filter, a community is summed up in the words that `written` has for it, if any; the answer is
// made of sentences all the same.
using WrittenSummary = std::function<std::string(const entity::CommunityInfo& community)>;
QueryResult run_global(
    const chunk::ReadView& view, const entity::CommunitySnapshot& communities,
    const entity::NameDirectory& names, const Question& question,
    const std::function<bool()>& expired = [] { return false; },
    const WrittenSummary& written = {});

// The terms of a question that say what it is about: without small words and words that questions
// about a whole are made of ("main", "theme", "about"), each once.
std::vector<std::string> content_terms(std::string_view question);

FoundEntity found_entity(const entity::Entity& entity);

} // namespace graphrag::query
