#include "gateway/http/openapi.hpp"

#include <nlohmann/json.hpp>

#include "gateway/http/chars.hpp"
#include "gateway/http/server.hpp"
#include "runtime/check.hpp"

namespace graphrag::gateway {
namespace {

using json = nlohmann::ordered_json;

json schema_of(const std::string& text) {
  auto schema = json::parse(text, nullptr, false);
  RUNTIME_CHECK(!schema.is_discarded(), "the schema of a route is JSON");
  return schema;
}

json problem_schema() {
  return json::parse(R"({
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "trace_id"],
    "properties": {
      "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
      "code": {"type": "string", "description": "stable; programs decide by it"},
      "detail": {"type": "string"}, "trace_id": {"type": "string"},
      "errors": {"type": "array", "items": {"type": "object", "properties": {
        "pointer": {"type": "string"}, "detail": {"type": "string"}}}}
    }
  })");
}

json parameters_of(const Route& route) {
  auto out = json::array();
  const auto& pattern = route.pattern;
  for (std::size_t at = 0; (at = pattern.find('{', at)) != std::string::npos; ++at) {
    const auto end = pattern.find('}', at);
    out.push_back({{"name", pattern.substr(at + 1, end - at - 1)},
                   {"in", "path"},
                   {"required", true},
                   {"schema", {{"type", "string"}}}});
  }
  for (const auto& [name, summary] : route.parameters) {
    out.push_back({{"name", name},
                   {"in", "query"},
                   {"description", summary},
                   {"schema", {{"type", "string"}}}});
  }
  return out;
}

json operation(const Route& route) {
  json out;
  out["operationId"] = route.operation_id;
  if (!route.summary.empty()) out["summary"] = route.summary;
  if (auto parameters = parameters_of(route); !parameters.empty()) {
    out["parameters"] = std::move(parameters);
  }
  for (const auto& [type, schema] : route.bodies) {
    auto& body = out["requestBody"];
    body["required"] = true;
    body["content"][type] = schema.empty() ? json::object() : json{{"schema", schema_of(schema)}};
  }
  json ok = {{"description", "Success"}};
  if (!route.response_schema.empty()) {
    ok["content"]["application/json"]["schema"] = schema_of(route.response_schema);
  }
  out["responses"] = {{"2XX", std::move(ok)}};
  for (const char* kind : {"4XX", "5XX"}) {
    out["responses"][kind] = {{"$ref", "#/components/responses/Problem"}};
  }
  return out;
}

} // namespace

std::string openapi_document(const OpenApiInfo& info, const std::vector<Route>& routes) {
  json out;
  out["openapi"] = "3.1.0";
  out["info"] = {{"title", info.title}, {"version", info.version}};
  if (!info.description.empty()) out["info"]["description"] = info.description;
  out["servers"] = json::array({{{"url", info.servers}}});
  if (info.secured) {
    out["security"] = json::array({{{"bearer", json::array()}}, {{"api_key", json::array()}}});
  }
  auto& paths = out["paths"] = json::object();
  for (const auto& route : routes) {
    if (route.operation_id.empty()) continue;
    std::string method = route.method;
    for (auto& c : method) c = lower(c);
    paths[route.pattern][method] = operation(route);
  }
  auto& components = out["components"];
  components["schemas"]["Problem"] = problem_schema();
  components["responses"]["Problem"] = {
      {"description", "A problem (RFC 9457)"},
      {"headers", {{"trace-id", {{"schema", {{"type", "string"}}}}}}},
      {"content",
       {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  if (info.secured) {
    components["securitySchemes"] = {
        {"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}},
        {"api_key", {{"type", "apiKey"}, {"in", "header"}, {"name", "x-api-key"}}}};
  }
  return out.dump(2) + "\n";
}

} // namespace graphrag::gateway
