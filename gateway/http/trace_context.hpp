#pragma once
// The trace id of a request: taken from a W3C traceparent that is well formed, else made new.
#include <optional>
#include <string>
#include <string_view>

namespace graphrag::gateway {

// The 32 hex digits of the trace, or nothing when the header is not to be trusted.
std::optional<std::string_view> trace_of(std::string_view traceparent);

// 32 random hex digits, never all zero. Thread-safe; not for secrets.
std::string new_trace_id();

} // namespace graphrag::gateway
