#pragma once
// An answer that a model writes from the passages found: which sources it gets, and what its
// citations mean. Pure.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "actors/query/query.hpp"

namespace graphrag::gateway {

inline constexpr std::size_t max_sources = 8;

// The hits of an answer to a question, as another node rendered it; what is malformed is left out.
std::vector<query::Hit> hits_of(const nlohmann::json& answer);

// The best hits as numbered sources: title, section and text.
std::vector<std::string> sources_of(const std::vector<query::Hit>& hits);

// The numbers in brackets of an answer, each once, in the order of their appearance: "[2]",
// "[1, 3]", "[2-4]". Numbers that name no source are left out.
std::vector<std::size_t> cited_sources(std::string_view answer, std::size_t sources);

// {text, citations, generated: true}: a citation is the passage behind a number, with `source`, the
// number that the text calls it by.
nlohmann::json generated_answer_json(const std::string& text, const std::vector<query::Hit>& hits);

} // namespace graphrag::gateway
