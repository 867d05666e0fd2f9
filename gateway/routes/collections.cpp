#include "gateway/routes/render.hpp"
#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;

json collection_json(const runtime::CollectionRecord& record) {
  return {{"name", record.name},
          {"documents", record.documents},
          {"created_at", rfc3339(record.created_ms)}};
}

Response show(const Context& context, const RequestPtr& request, const std::string& name,
              int status) {
  auto all = context->node->store->collections();
  if (!all) return error_response(all.error(), request->trace_id);
  for (const auto& record : *all)
    if (record.name == name) return json_response(status, collection_json(record).dump());
  return error_response({runtime::Errc::not_found, "no such collection"}, request->trace_id);
}

void put_collection(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto name = collection_of(*request);
  if (!runtime::valid_collection_name(name))
    return void(responder.fulfil(
        problem(422, "bad_collection_name",
                "a name is 1 to 64 letters, digits, '-' or '_', the first a letter or digit",
                request->trace_id)));
  if (!request->body.empty() && json::parse(request->body, nullptr, false) != json::object())
    return void(responder.fulfil(problem(422, "unknown_field",
                                         "a collection has no settings yet: send {} or nothing",
                                         request->trace_id, {{"", "unknown field"}})));
  write(context, request, responder, {runtime::CreateCollectionOp{name}},
        [context, request, responder, name](const std::vector<runtime::WriteResult>& results) {
          const auto& result = results.front();
          if (result.error)
            return void(responder.fulfil(error_response(*result.error, request->trace_id)));
          int status = result.outcome == runtime::Outcome::unchanged ? 200 : 201;
          when_visible(context, result.seq, name, [context, request, responder, name, status] {
            on_io(context, request, responder, [context, request, name, status] {
              return show(context, request, name, status);
            });
          });
        });
}

void delete_collection(const Context& context, const RequestPtr& request,
                       const Responder& responder) {
  auto name = collection_of(*request);
  write(context, request, responder, {runtime::DropCollectionOp{name}},
        [context, request, responder](const std::vector<runtime::WriteResult>& results) {
          const auto& result = results.front();
          if (result.error)
            return void(responder.fulfil(error_response(*result.error, request->trace_id)));
          when_gone(context, request, responder, result, [responder] {
            Response response;
            response.status = 204;
            response.content_type.clear();
            responder.fulfil(std::move(response));
          });
        });
}

} // namespace

void add_collection_routes(std::vector<Route>& routes, const Context& context) {
  auto add = [&](const char* method, const char* pattern, auto function, const char* summary,
                 const char* operation) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.summary = summary;
    route.operation_id = operation;
    route.handler = [context, function](RequestPtr request, Responder responder) {
      function(context, request, responder);
    };
    routes.push_back(std::move(route));
  };
  add(
      "GET", "/api/v1/collections",
      [](const Context& c, const RequestPtr& request, const Responder& responder) {
        on_io(c, request, responder, [c, request] {
          auto all = c->node->store->collections();
          if (!all) return error_response(all.error(), request->trace_id);
          json items = json::array();
          for (const auto& record : *all) items.push_back(collection_json(record));
          return json_response(200, json{{"items", items}, {"total", items.size()}}.dump());
        });
      },
      "List collections", "listCollections");
  add(
      "GET", "/api/v1/collections/{c}",
      [](const Context& c, const RequestPtr& request, const Responder& responder) {
        on_io(c, request, responder,
              [c, request] { return show(c, request, collection_of(*request), 200); });
      },
      "A collection", "getCollection");
  add("PUT", "/api/v1/collections/{c}", put_collection, "Create a collection", "putCollection");
  add("DELETE", "/api/v1/collections/{c}", delete_collection,
      "Delete a collection with everything in it", "deleteCollection");
}

} // namespace graphrag::gateway
