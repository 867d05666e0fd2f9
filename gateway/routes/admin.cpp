#include "actors/document/intake_actor.hpp"
#include "gateway/routes/render.hpp"
#include "gateway/routes/routes.hpp"
#include "observability/metrics.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;

Response metrics(const Request& request) {
  auto accept = request.header("accept").value_or("");
  bool openmetrics = accept.find("application/openmetrics-text") != std::string::npos;
  Response response;
  response.content_type = openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                      : "text/plain; version=0.0.4; charset=utf-8";
  response.body = observability::expose(openmetrics);
  return response;
}

json shards_json(const Context& context) {
  auto& views = *context->node->views;
  json shards = json::array();
  for (std::uint32_t i = 0; i < views.shards(); ++i)
    shards.push_back({{"shard", i}, {"applied", views.board().progress(i).applied}});
  json collections = json::array();
  for (const auto& name : views.names()) {
    auto found = views.find(name);
    if (!found.index) continue;
    auto s = found.index->stats();
    collections.push_back({{"name", name},
                           {"documents", s.documents},
                           {"chunks", s.chunks},
                           {"dead_chunks", s.dead_chunks},
                           {"terms", s.terms},
                           {"names", s.names},
                           {"vectors", s.vectors},
                           {"bytes", s.bytes}});
  }
  return {{"shards", shards},
          {"entity_applied", views.board().progress(views.entity_follower()).applied},
          {"collections", collections}};
}

Response failed_documents(const Context& context, const Request& request) {
  auto all = context->node->store->collections();
  if (!all) return error_response(all.error(), request.trace_id);
  json items = json::array();
  for (const auto& collection : *all) {
    runtime::ListRequest list{collection.name,
                              "",
                              runtime::DocumentState::failed,
                              runtime::SortOrder::updated_desc,
                              "",
                              100};
    auto page = context->node->store->list(list);
    if (!page) return error_response(page.error(), request.trace_id);
    for (const auto& record : page->items) items.push_back(document_json(context->node, record));
  }
  return json_response(200, json{{"items", items}}.dump());
}

// Crashes an actor as a bug would. Temporary actors are named by their owner's path plus
// "/document" or "/query".
void kill(const Context& context, const RequestPtr& request, const Responder& responder) {
  if (!context->allow_kill)
    return void(responder.fulfil(problem(403, "kill_disabled",
                                         "start the server with admin.allow_kill to crash actors",
                                         request->trace_id)));
  auto path = request->query_value("path").value_or("");
  bool known = true;
  if (path.ends_with("/document"))
    known = context->node->intake.send(document::kill_one_atom::value);
  else if (path.ends_with("/query"))
    known = context->node->gateway.send(document::kill_one_atom::value);
  else
    known = context->tree && context->tree->kill(path);
  if (!known)
    return void(responder.fulfil(error_response(
        {runtime::Errc::not_found, "no actor runs at this path"}, request->trace_id)));
  responder.fulfil(json_response(202, json{{"killed", path}}.dump()));
}

} // namespace

void add_admin_routes(std::vector<Route>& routes, const Context& context) {
  auto add = [&](const char* method, const char* pattern, const char* summary,
                 const char* operation, Handler handler) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.summary = summary;
    route.operation_id = operation;
    route.handler = std::move(handler);
    routes.push_back(std::move(route));
  };
  add("GET", "/metrics", "Prometheus metrics", "metrics",
      [](RequestPtr request, Responder responder) { responder.fulfil(metrics(*request)); });
  add("GET", "/api/v1/admin/supervision", "The supervision tree", "supervisionTree",
      [context](RequestPtr, Responder responder) {
        responder.fulfil(json_response(200, context->tree ? context->tree->json().dump() : "{}"));
      });
  add("GET", "/api/v1/admin/shards", "Shards and indexes of this node", "shards",
      [context](RequestPtr, Responder responder) {
        responder.fulfil(json_response(200, shards_json(context).dump()));
      });
  add("GET", "/api/v1/admin/config", "Effective configuration", "config",
      [context](RequestPtr, Responder responder) {
        responder.fulfil(json_response(200, context->effective_config().dump()));
      });
  add("GET", "/api/v1/admin/failed", "Documents that failed, newest first", "failedDocuments",
      [context](RequestPtr request, Responder responder) {
        on_io(context, request, responder,
              [context, request] { return failed_documents(context, *request); });
      });
  add("GET", "/api/v1/admin/jobs", "Background jobs, newest first", "jobs",
      [context](RequestPtr request, Responder responder) {
        on_io(context, request, responder, [context, request] {
          auto jobs = context->node->store->jobs(200);
          if (!jobs) return error_response(jobs.error(), request->trace_id);
          json items = json::array();
          for (const auto& job : *jobs) items.push_back(job_json(job));
          return json_response(200, json{{"items", items}}.dump());
        });
      });
  add("POST", "/api/v1/admin/kill", "Crash an actor (chaos tests)", "kill",
      [context](RequestPtr request, Responder responder) { kill(context, request, responder); });
}

} // namespace graphrag::gateway
