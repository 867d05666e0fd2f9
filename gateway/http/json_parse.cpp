#include <nlohmann/json.hpp>

#include "gateway/http/json_body.hpp"
#include "gateway/http/problem.hpp"
#include "runtime/json/strict_json.hpp"

namespace graphrag::gateway {

using json = nlohmann::json;

tl::expected<json, JsonError> parse_json(std::string_view text, std::size_t max_depth) {
  auto value = runtime::parse_strict_json(text, max_depth);
  if (value) return std::move(*value);
  auto& fault = value.error();
  return tl::unexpected<JsonError>(JsonError{fault.position, std::move(fault.detail)});
}

tl::expected<json, Response> json_body(const Request& request) {
  if (!has_content_type(request, "application/json")) {
    return tl::unexpected<Response>(unsupported_media_type("application/json", request.trace_id));
  }
  auto value = parse_json(request.body);
  if (value) return std::move(*value);
  const auto& error = value.error();
  const auto where = error.position > 0 ? " (byte " + std::to_string(error.position) + ")" : "";
  return tl::unexpected<Response>(problem(400, "bad_json", error.detail + where, request.trace_id));
}

} // namespace graphrag::gateway
