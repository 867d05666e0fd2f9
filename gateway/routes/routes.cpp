#include "gateway/routes/routes.hpp"

#include "gateway/http/docs_page.hpp"
#include "gateway/http/openapi.hpp"
#include "gateway/routes/describe.hpp"

namespace graphrag::gateway {

namespace {

// The table describes itself, to programs and to people.
void add_description_routes(std::vector<Route>& routes) {
  Route page;
  page.method = "GET";
  page.pattern = "/docs";
  Route route;
  route.method = "GET";
  route.pattern = "/openapi.json";
  route.summary = "This description";
  route.operation_id = "openapi";
  routes.push_back(route);
  describe(routes);
  OpenApiInfo info;
  info.title = "GraphRAG server";
  info.version = GRAPHRAG_VERSION;
  info.description =
      "Documents in, cited answers out. Headers of writes to one document: If-Match with its ETag, "
      "and If-None-Match: * of a PUT (412 when the condition does not hold); Prefer: respond-async "
      "or wait=SECONDS (202 and Location until it is searchable); Idempotency-Key of a POST (the "
      "same key and body within 24 hours make one document). An id with slashes is written with "
      "%2F, or given as ?id= with _ in its place.";
  auto text = std::make_shared<const std::string>(openapi_document(info, routes));
  routes.back().handler = [text](std::shared_ptr<Request>, Responder responder) {
    responder.fulfil(json_response(200, *text));
  };
  auto table = std::make_shared<std::vector<Route>>(routes);
  for (auto& described : *table) described.handler = nullptr, described.stream = nullptr;
  page.handler = [info, table](std::shared_ptr<Request> request, Responder responder) {
    Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy", docs_policy());
    auto host = request->header("host").value_or("127.0.0.1:8000");
    response.body = docs_page(info, *table, "http://" + host);
    responder.fulfil(std::move(response));
  };
  routes.push_back(std::move(page));
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
  add_community_routes(routes, context);
  add_description_routes(routes);
  return routes;
}

std::vector<Route> health_routes(const Context& context) {
  std::vector<Route> routes;
  add_health_routes(routes, context, false);
  return routes;
}

std::vector<Route> admin_routes(const Context& context) {
  std::vector<Route> routes;
  add_health_routes(routes, context, true);
  add_admin_routes(routes, context);
  add_model_routes(routes, context);
  add_cluster_routes(routes, context);
  return routes;
}

} // namespace graphrag::gateway
