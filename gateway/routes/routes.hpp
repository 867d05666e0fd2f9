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
void add_community_routes(std::vector<Route>& routes, const Context& context);
void add_health_routes(std::vector<Route>& routes, const Context& context, bool admin);
void add_admin_routes(std::vector<Route>& routes, const Context& context);
void add_cluster_routes(std::vector<Route>& routes, const Context& context);
void add_model_routes(std::vector<Route>& routes, const Context& context);

std::vector<Route> public_routes(const Context& context);
// Of a node that serves no clients: whether it lives.
std::vector<Route> health_routes(const Context& context);
std::vector<Route> admin_routes(const Context& context);

} // namespace graphrag::gateway
