#include "gateway/routes/routes.hpp"

#include "gateway/http/openapi.hpp"

namespace graphrag::gateway {

namespace {

// The table describes itself; the text is made once.
void add_description_route(std::vector<Route>& routes) {
  Route route;
  route.method = "GET";
  route.pattern = "/openapi.json";
  route.summary = "This description";
  route.operation_id = "openapi";
  routes.push_back(route);
  OpenApiInfo info;
  info.title = "GraphRAG server";
  info.version = GRAPHRAG_VERSION;
  info.description = "Documents in, cited answers out.";
  auto text = std::make_shared<const std::string>(openapi_document(info, routes));
  routes.back().handler = [text](std::shared_ptr<Request>, Responder responder) {
    responder.fulfil(json_response(200, *text));
  };
}

} // namespace

std::vector<Route> public_routes(const Context& context) {
  std::vector<Route> routes;
  add_health_routes(routes, context, false);
  add_collection_routes(routes, context);
  add_document_routes(routes, context);
  add_bulk_routes(routes, context);
  add_listing_routes(routes, context);
  add_query_routes(routes, context);
  add_job_routes(routes, context);
  add_graph_routes(routes, context);
  add_description_route(routes);
  return routes;
}

std::vector<Route> admin_routes(const Context& context) {
  std::vector<Route> routes;
  add_health_routes(routes, context, true);
  add_admin_routes(routes, context);
  return routes;
}

} // namespace graphrag::gateway
