#pragma once
// Writes the head of an answer: status, date, trace id, security headers, framing. Pure but for the
// date, which is cached for a second.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/message.hpp"

namespace graphrag::gateway {

struct AnswerFraming {
  bool keep_alive = true;
  bool http10 = false;                         // say keep-alive aloud
  std::optional<std::uint64_t> content_length; // none: chunked, or to the end for HTTP/1.0
};

// Appends the head to `out`. Headers of the response win over ours of the same name; bytes that
// would break out of a field are dropped.
void append_head(std::string& out, const Response& response, std::string_view trace_id,
                 const AnswerFraming& framing);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string_view http_date();

} // namespace graphrag::gateway
