#pragma once
// The OpenAPI 3.1 description of a listener, made from the table that routes, so that the two
// cannot drift apart. Pure.
#include <string>
#include <vector>

namespace graphrag::gateway {

struct Route;

struct OpenApiInfo {
  std::string title, version, description;
  std::string servers = "/";
  bool secured = false; // adds the schemes bearer and api key, either of which does
};

// JSON text. Routes without an operation_id are left out (they serve people, not programs). A
// schema of a route that is not JSON aborts, since schemas are written by us.
std::string openapi_document(const OpenApiInfo& info, const std::vector<Route>& routes);

} // namespace graphrag::gateway
