// The encoders of this node: upload, list, remove. On the admin listener.
#include "actors/chunk/embedding/embed_actor.hpp"
#include "actors/chunk/embedding/model_blob.hpp"
#include "actors/chunk/embedding/model_rows.hpp"
#include "gateway/routes/render.hpp"
#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;
using runtime::ModelRecord;
using runtime::ModelState;

constexpr std::size_t max_name_bytes = 200;

json model_json(const Context& context, const ModelRecord& record) {
  bool loaded = false;
  for (const auto& one : context->node->encoders->all())
    if (one.record.hash == record.hash) loaded = one.usable();
  json out{{"name", record.name},
           {"hash", record.hash},
           {"dimension", record.dimension},
           {"source", chunk::of_endpoint(record) ? "endpoint" : "files"},
           {"state", record.state == ModelState::active ? "active" : "building"},
           {"loaded", loaded},
           {"created_at", rfc3339(record.created_ms)}};
  auto lacking = context->node->store->count_lacking_vectors(record.hash);
  if (lacking) out["documents_without_vectors"] = *lacking;
  return out;
}

Response list_models(const Context& context, const Request& request) {
  auto models = context->node->store->models();
  if (!models) return error_response(models.error(), request.trace_id);
  json items = json::array();
  for (const auto& record : *models) items.push_back(model_json(context, record));
  return json_response(200, json{{"items", items}}.dump());
}

void wake(const Context& context) { context->node->embed.send(chunk::models_changed_atom::value); }

// Writes from a thread of the io pool; the answer comes later on another.
void save(const Context& context, const RequestPtr& request, const Responder& responder,
          ModelRecord record) {
  write(context, request, responder, {runtime::SaveModelOp{record}},
        [context, request, responder, record](const std::vector<runtime::WriteResult>& results) {
          if (results.front().error) {
            on_io(context, request, responder, [context, request, record, results] {
              (void)context->node->blobs->remove(record.blob);
              return error_response(*results.front().error, request->trace_id);
            });
            return;
          }
          wake(context);
          on_io(context, request, responder, [context, record] {
            return json_response(201, model_json(context, record).dump());
          });
        });
}

void put_model(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto name = request->params.at("name");
  if (context->node->models->settings().embedding)
    return void(responder.fulfil(
        problem(409, "endpoint_configured",
                "vectors come from an endpoint; remove embedding.url from the configuration first",
                request->trace_id)));
  if (name.empty() || name.size() > max_name_bytes)
    return void(responder.fulfil(
        problem(422, "bad_model_name", "a name has 1 to 200 bytes", request->trace_id)));
  // Taking it apart and reading its weights takes a while and memory: not on this thread.
  auto accepted = context->node->io->submit([context, request, responder, name] {
    auto refuse = [&](const runtime::Error& error) {
      responder.fulfil(problem(422, "bad_model", error.detail, request->trace_id));
    };
    auto files = chunk::unpack_model(request->body);
    if (!files) return refuse(files.error());
    auto packed = std::exchange(request->body, {});
    auto encoder = runtime::Encoder::load(std::move(*files));
    if (!encoder) return refuse(encoder.error());
    auto known = context->node->store->models();
    if (!known) return void(responder.fulfil(error_response(known.error(), request->trace_id)));
    bool has_active = false;
    for (const auto& record : *known) {
      has_active |= record.state == ModelState::active;
      if (record.hash == (*encoder)->hash())
        return void(responder.fulfil(json_response(200, model_json(context, record).dump())));
    }
    if (auto room = context->node->space->room_for(packed.size()); !room)
      return void(responder.fulfil(error_response(room.error(), request->trace_id)));
    auto blob = context->node->blobs->put(packed);
    if (!blob) return void(responder.fulfil(error_response(blob.error(), request->trace_id)));
    save(context, request, responder,
         {(*encoder)->hash(), name, static_cast<std::uint32_t>((*encoder)->dimension()), *blob,
          has_active ? ModelState::building : ModelState::active, context->node->clock->wall_ms()});
  });
  if (!accepted)
    responder.fulfil(
        error_response({runtime::Errc::overloaded, "too much work waits"}, request->trace_id));
}

void delete_model(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto asked = request->params.at("name");
  auto accepted = context->node->io->submit([context, request, responder, asked] {
    auto known = context->node->store->models();
    if (!known) return void(responder.fulfil(error_response(known.error(), request->trace_id)));
    auto found = std::ranges::find_if(*known, [&](const ModelRecord& record) {
      return record.name == asked || record.hash == asked;
    });
    if (found == known->end())
      return void(responder.fulfil(
          error_response({runtime::Errc::not_found, "no such model"}, request->trace_id)));
    auto record = *found;
    const auto& endpoint = context->node->models->settings().embedding;
    if (endpoint && endpoint->hash == record.hash)
      return void(responder.fulfil(
          problem(409, "endpoint_configured",
                  "this model is configured; remove embedding.url from the configuration first",
                  request->trace_id)));
    write(context, request, responder, {runtime::RemoveModelOp{record.hash}},
          [context, request, responder, record](const std::vector<runtime::WriteResult>& results) {
            if (results.front().error)
              return void(
                  responder.fulfil(error_response(*results.front().error, request->trace_id)));
            wake(context);
            on_io(context, request, responder, [context, record] {
              if (!chunk::of_endpoint(record)) (void)context->node->blobs->remove(record.blob);
              Response response;
              response.status = 204;
              response.content_type.clear();
              return response;
            });
          });
  });
  if (!accepted)
    responder.fulfil(
        error_response({runtime::Errc::overloaded, "too much work waits"}, request->trace_id));
}

} // namespace

void add_model_routes(std::vector<Route>& routes, const Context& context) {
  auto add = [&](const char* method, const char* pattern, const char* summary,
                 const char* operation, auto function) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.summary = summary;
    route.operation_id = operation;
    route.body_limit = std::string_view{method} == "PUT" ? context->max_model_bytes : 0;
    route.handler = [context, function](RequestPtr request, Responder responder) {
      function(context, request, responder);
    };
    routes.push_back(std::move(route));
  };
  add("GET", "/api/v1/admin/models", "Encoders, the active one first", "listModels",
      [](const Context& c, const RequestPtr& request, const Responder& responder) {
        on_io(c, request, responder, [c, request] { return list_models(c, *request); });
      });
  add("PUT", "/api/v1/admin/models/{name}", "Add an encoder (as packed by `graphrag model add`)",
      "putModel", put_model);
  add("DELETE", "/api/v1/admin/models/{name}", "Remove an encoder and its vectors", "deleteModel",
      delete_model);
}

} // namespace graphrag::gateway
