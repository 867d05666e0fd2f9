#include "actors/chunk/filter.hpp"
#include "actors/document/job_actor.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/routes/bulk.hpp"
#include "gateway/routes/render.hpp"
#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;

// Makes the job durable, tells the job actor, answers 202 with its place.
void start_job(const Context& context, const RequestPtr& request, const Responder& responder,
               runtime::SaveJobOp job) {
  auto shown = job_json({job.id, job.collection, job.kind, job.state, job.body, job.updated_ms});
  auto location = "/api/v1/collections/" + job.collection + "/jobs/" + job.id;
  auto id = job.id;
  write(context, request, responder, {std::move(job)},
        [context, request, responder, shown, location,
         id](const std::vector<runtime::WriteResult>& results) {
          if (results.front().error)
            return void(
                responder.fulfil(error_response(*results.front().error, request->trace_id)));
          context->node->jobs.send(document::new_job_atom::value, id);
          auto response = json_response(202, shown.dump());
          response.headers.emplace_back("Location", location);
          response.headers.emplace_back("Retry-After", "1");
          responder.fulfil(std::move(response));
        });
}

void delete_by_filter(const Context& context, const RequestPtr& request,
                      const Responder& responder) {
  auto body = json_body(*request);
  if (!body) return void(responder.fulfil(std::move(body.error())));
  Fields fields{*body};
  fields.require("filter");
  if (auto* given = fields.object("filter")) {
    auto filter = chunk::parse_filter(*given);
    if (!filter)
      fields.error_at("/filter" + filter.error().pointer, filter.error().detail);
    else if (filter->empty())
      fields.error("filter",
                   "an empty filter would delete everything: delete the collection instead");
  }
  if (auto refused = fields.finish(request->trace_id, 422))
    return void(responder.fulfil(std::move(*refused)));
  auto collection = collection_of(*request);
  if (!context->node->views->knows(collection))
    return void(responder.fulfil(
        error_response({runtime::Errc::not_found, "no such collection"}, request->trace_id)));
  start_job(context, request, responder,
            document::make_job(collection, "delete_by_filter", {{"filter", (*body)["filter"]}},
                               context->node->clock->wall_ms()));
}

// The whole body is made durable first, then worked on line by line.
void bulk_async(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto collection = collection_of(*request);
  if (!context->node->views->knows(collection))
    return void(responder.fulfil(
        error_response({runtime::Errc::not_found, "no such collection"}, request->trace_id)));
  if (request->body.find_first_not_of(" \r\n\t") == std::string::npos)
    return void(responder.fulfil(
        problem(400, "empty_body", "send NDJSON: one document a line", request->trace_id)));
  bool taken = context->node->io->submit([context, request, responder, collection] {
    auto blob = context->node->blobs->put(request->body);
    if (!blob) return void(responder.fulfil(error_response(blob.error(), request->trace_id)));
    json input{{"blob", *blob}, {"offset", 0}, {"line", 0}};
    start_job(
        context, request, responder,
        document::make_job(collection, "bulk", std::move(input), context->node->clock->wall_ms()));
  });
  if (!taken)
    responder.fulfil(error_response(
        {runtime::Errc::overloaded, "too many writes of files in flight"}, request->trace_id));
}

// Gathers the body of an asynchronous bulk request, up to the upload limit.
class BulkJobConsumer final : public BodyConsumer {
public:
  BulkJobConsumer(Context context, RequestPtr request, StreamStart start)
      : context_(std::move(context)), request_(std::move(request)), start_(std::move(start)) {}

  void on_data(std::string_view piece, std::function<void()> resume) override {
    if (request_->body.size() + piece.size() <= context_->max_upload_bytes) {
      request_->body.append(piece);
    } else if (!start_.responder.settled()) {
      start_.responder.fulfil(
          problem(413, "body_too_large",
                  "a bulk job may bring " + std::to_string(context_->max_upload_bytes) + " bytes",
                  request_->trace_id));
    }
    resume();
  }
  void on_end() override {
    if (!start_.responder.settled()) bulk_async(context_, request_, start_.responder);
  }
  void on_abort(std::string_view) override {}

private:
  Context context_;
  RequestPtr request_;
  StreamStart start_;
};

void get_job(const Context& context, const RequestPtr& request, const Responder& responder) {
  on_io(context, request, responder, [context, request] {
    auto job = context->node->store->job(request->params.at("job"));
    if (!job || job->collection != collection_of(*request))
      return error_response({runtime::Errc::not_found, "no such job"}, request->trace_id);
    return json_response(200, job_json(*job).dump());
  });
}

} // namespace

std::shared_ptr<BodyConsumer> start_bulk_job(const Context& context, RequestPtr request,
                                             StreamStart start) {
  return std::make_shared<BulkJobConsumer>(context, std::move(request), std::move(start));
}

void add_job_routes(std::vector<Route>& routes, const Context& context) {
  auto add = [&](const char* method, const char* suffix, auto function, const char* summary,
                 const char* operation, std::uint64_t limit = 1 << 20) {
    Route route;
    route.method = method;
    route.summary = summary;
    route.operation_id = operation;
    route.body_limit = limit;
    route.handler = [context, function](RequestPtr request, Responder responder) {
      function(context, request, responder);
    };
    add_collection_route(routes, std::move(route), suffix);
  };
  add("POST", "/documents/_delete", delete_by_filter,
      "Delete the documents that match a filter, as a job", "deleteByFilter");
  add("GET", "/jobs/{job}", get_job, "A background job", "getJob");
}

} // namespace graphrag::gateway
