#pragma once
// The tables of routes: what the public and the admin listener serve.
#include <vector>

#include "gateway/routes/context.hpp"

namespace graphrag::gateway {

void add_document_routes(std::vector<Route>& routes, const Context& context);
void add_bulk_routes(std::vector<Route>& routes, const Context& context);
void add_listing_routes(std::vector<Route>& routes, const Context& context);
void add_collection_routes(std::vector<Route>& routes, const Context& context);
void add_query_routes(std::vector<Route>& routes, const Context& context);
void add_job_routes(std::vector<Route>& routes, const Context& context);
void add_graph_routes(std::vector<Route>& routes, const Context& context);
void add_health_routes(std::vector<Route>& routes, const Context& context, bool admin);
void add_admin_routes(std::vector<Route>& routes, const Context& context);

std::vector<Route> public_routes(const Context& context);
std::vector<Route> admin_routes(const Context& context);

} // namespace graphrag::gateway
