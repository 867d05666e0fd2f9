#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {

void add_health_routes(std::vector<Route>& routes, const Context& context, bool admin) {
  Route health;
  health.method = "GET";
  health.pattern = "/health";
  health.summary = "The event loop is alive";
  health.operation_id = "health";
  health.handler = [](std::shared_ptr<Request>, Responder responder) {
    responder.fulfil(json_response(200, R"({"status":"ok"})"));
  };
  routes.push_back(health);

  Route ready;
  ready.method = "GET";
  ready.pattern = "/ready";
  ready.summary = "This node can answer queries";
  ready.operation_id = "ready";
  ready.handler = [context, admin](std::shared_ptr<Request> request, Responder responder) {
    bool yes = context->ready();
    nlohmann::json body{{"ready", yes}};
    if (admin && request->query_value("verbose")) body["checks"] = context->readiness();
    auto response = json_response(yes ? 200 : 503, body.dump());
    if (!yes) response.headers.emplace_back("Retry-After", "1");
    responder.fulfil(std::move(response));
  };
  routes.push_back(ready);
}

} // namespace graphrag::gateway
