#pragma once
// The body of a query request, read strictly: every mistake is named with its field.
#include <chrono>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "actors/query/query.hpp"
#include "gateway/http/message.hpp"

namespace graphrag::gateway {

struct QueryRequest {
  query::Question question;
  std::uint64_t after = 0;
  std::optional<std::chrono::milliseconds> timeout;
  bool generate = false; // a model shall write the answer
  bool stream = false;   // as server-sent events
};

// What this node can do for a question besides searching.
struct Abilities {
  bool encode = false;   // make the question's vector itself
  bool generate = false; // let a model write answers
};

inline constexpr std::size_t max_question_bytes = 16 * 1024;
inline constexpr std::size_t max_vector_dimensions = 4096;

tl::expected<QueryRequest, Response> query_request_of(const nlohmann::json& body,
                                                      std::chrono::milliseconds max_timeout,
                                                      const Abilities& abilities,
                                                      const std::string& trace_id);

} // namespace graphrag::gateway
