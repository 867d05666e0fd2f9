#pragma once
// The same description as openapi.hpp for people: one page of HTML, without scripts, that loads
// nothing. Pure.
#include <string>
#include <vector>

#include "gateway/http/openapi.hpp"

namespace graphrag::gateway {

// `base` ("http://127.0.0.1:8000") begins the addresses of the examples; it is escaped like all
// else. A short form of a route (its operation_id is the canonical one's + "Default") is named with
// the canonical one and used in its example.
std::string docs_page(const OpenApiInfo& info, const std::vector<Route>& routes,
                      const std::string& base);

// The Content-Security-Policy that goes with it: only its own style, told by its hash.
std::string docs_policy();

} // namespace graphrag::gateway
