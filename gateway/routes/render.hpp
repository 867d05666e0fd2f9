#pragma once
// JSON forms of stored things.
#include <nlohmann/json.hpp>

#include "actors/node_parts.hpp"
#include "actors/query/query.hpp"
#include "runtime/store/types.hpp"

namespace graphrag::gateway {

// The document object of the API. `processing` is a queued document that an actor works on now.
nlohmann::json document_json(const NodePartsPtr& node, const runtime::DocumentRecord& record);
std::string_view state_name(runtime::DocumentState state, bool in_work);

// The answer of a question, written directly as text (hot path): an object with all that depends on
// the result, to which complete_query_json() adds what is of this request.
std::string query_json(const query::QueryResult& result, bool with_answer);
std::string complete_query_json(std::string answer, double took_ms, std::uint64_t seq);

nlohmann::json job_json(const runtime::JobRecord& job);

} // namespace graphrag::gateway
