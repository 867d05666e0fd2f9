#include "actors/query/query_actor.hpp"
#include "gateway/gateway_actor.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/routes/question.hpp"
#include "gateway/routes/render.hpp"
#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {
namespace {

void ask(const Context& context, const std::shared_ptr<Request>& request,
         const Responder& responder) {
  auto body = json_body(*request);
  if (!body) return void(responder.fulfil(std::move(body.error())));
  auto asked = query_request_of(*body, context->max_query_deadline, request->trace_id);
  if (!asked) return void(responder.fulfil(std::move(asked.error())));
  auto started = context->node->clock->now();
  auto job = std::make_shared<query::QueryJob>();
  job->collection = collection_of(*request);
  bool with_answer = asked->question.answer;
  job->question = std::move(asked->question);
  job->after = asked->after;
  job->deadline =
      std::min(request->deadline, started + asked->timeout.value_or(context->query_deadline));
  job->cache_key = request->body;
  job->render = [with_answer](const query::QueryResult& result) {
    return query_json(result, with_answer);
  };
  job->done = runtime::Promise<std::string>{
      [context, request, responder, started](runtime::Result<std::string> answer) {
        if (!answer)
          return void(responder.fulfil(error_response(answer.error(), request->trace_id)));
        std::chrono::duration<double, std::milli> took = context->node->clock->now() - started;
        auto seq = context->node->views->board().applied_everywhere();
        responder.fulfil(
            json_response(200, complete_query_json(std::move(*answer), took.count(), seq)));
      }};
  to_gateway(context, std::move(job));
}

} // namespace

void add_query_routes(std::vector<Route>& routes, const Context& context) {
  Route route;
  route.method = "POST";
  route.summary = "Ask a question";
  route.operation_id = "query";
  route.body_limit = 1 << 20;
  route.handler = [context](std::shared_ptr<Request> request, Responder responder) {
    ask(context, request, responder);
  };
  add_collection_route(routes, std::move(route), "/query");
}

} // namespace graphrag::gateway
