#pragma once
// What /openapi.json and /docs tell of the routes besides their addresses: parameters, bodies and
// an example of each. Pure.
#include <vector>

#include "gateway/http/server.hpp"

namespace graphrag::gateway {

// Fills in parameters, the only ones that are taken, bodies and examples by operation_id; the short
// form of a route is described as its canonical one is. Aborts when an operation is described that
// the table does not have, as after a renaming.
void describe(std::vector<Route>& routes);

} // namespace graphrag::gateway
