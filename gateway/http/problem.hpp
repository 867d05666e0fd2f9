#pragma once
// Problem documents (RFC 9457) made from errors. `problem` itself is in message.hpp.
#include <string>
#include <string_view>

#include "gateway/http/message.hpp"
#include "runtime/error.hpp"

namespace graphrag::gateway {

// "Not Found" and its like; "Error" for a status without a name.
std::string_view reason_of(int status);

// The status that an error of the runtime answers with: not_found 404, overloaded 503 ...
int status_of(runtime::Errc code);

// 429, 503 and 507 carry Retry-After. The cause of a 500 goes to the log, by the trace id.
Response problem_of(const runtime::Error& error, int status, const std::string& trace_id);
Response problem_of(const runtime::Error& error, const std::string& trace_id);

// 415 with the types that the route takes.
Response unsupported_media_type(std::string_view accepted, const std::string& trace_id);

// Whether the request's Content-Type is `type` ("application/json"), parameters aside.
bool has_content_type(const Request& request, std::string_view type);

} // namespace graphrag::gateway
