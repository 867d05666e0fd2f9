// POST /query: a question, answered whole or as server-sent events, by extracts or by a model.
#include "actors/models/model_desk.hpp"
#include "actors/query/query_actor.hpp"
#include "gateway/gateway_actor.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/routes/generated_answer.hpp"
#include "gateway/routes/holders.hpp"
#include "gateway/routes/question.hpp"
#include "gateway/routes/render.hpp"
#include "gateway/routes/routes.hpp"
#include "observability/log.hpp"
#include "runtime/models/model_port.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;

// A model's text may hold what is no UTF-8.
std::string dumped(const json& data) {
  return data.dump(-1, ' ', false, json::error_handler_t::replace);
}

// One question on its way. The events of a stream, in order:
//
//   results   {results, entities, partial, missing?}
//   answer    {text}            pieces of the answer's text
//   done      {answer?, consistency_token, took_ms, missing?}
class Asking : public std::enable_shared_from_this<Asking> {
public:
  Asking(Context context, RequestPtr request, StreamStart start)
      : context_(std::move(context)), request_(std::move(request)), start_(std::move(start)),
        started_(context_->node->clock->now()) {}

  void begin() {
    auto body = json_body(*request_);
    if (!body) return void(start_.responder.fulfil(std::move(body.error())));
    const auto& node = *context_->node;
    const bool encodes = !node.encoders->wanted().empty() || node.models->settings().embedding;
    const Abilities abilities{encodes, node.models->does(ModelWork::answers)};
    auto asked =
        query_request_of(*body, context_->max_query_deadline, abilities, request_->trace_id);
    if (!asked) return void(start_.responder.fulfil(std::move(asked.error())));
    generate_ = asked->generate;
    stream_ = asked->stream && start_.begin;
    with_answer_ = asked->question.answer;
    auto job = std::make_shared<query::QueryJob>();
    job->collection = collection_of(*request_);
    question_ = asked->question.text;
    job->question = std::move(asked->question);
    job->after = asked->after;
    job->deadline =
        std::min(request_->deadline, started_ + asked->timeout.value_or(context_->query_deadline));
    found_by_ = job->deadline;
    deadline_ = std::min(request_->deadline, std::max(job->deadline, started_ + model_time()));
    since_ = node.peers->read_right(job->collection);
    if (since_ == 0) return find_elsewhere();
    if (!generate_) job->cache_key = request_->body;
    job->render = [self = shared_from_this()](const query::QueryResult& result) {
      if (self->generate_) self->hits_ = result.hits;
      return query_json(result, self->with_answer_);
    };
    job->done = runtime::Promise<std::string>{
        [self = shared_from_this()](runtime::Result<std::string> answer) {
          self->found(std::move(answer));
        }};
    to_gateway(context_, std::move(job));
  }

private:
  // Writing an answer takes longer than finding passages; the model's own timeout bounds it.
  std::chrono::milliseconds model_time() const {
    return generate_ ? context_->answer_timeout : std::chrono::milliseconds{0};
  }

  void found(runtime::Result<std::string> rendered) {
    // Also a failure: the collection may have left this node meanwhile.
    if (!context_->node->peers->may_still_read(collection_of(*request_), since_))
      return find_elsewhere();
    if (!rendered)
      return void(start_.responder.fulfil(error_response(rendered.error(), request_->trace_id)));
    rendered_ = std::move(*rendered);
    answer();
  }

  // A node that holds the collection finds the passages. An answer that a model writes, and a
  // stream, are made here.
  void find_elsewhere() {
    if (!start_.begin) // a peer asks, which knows of others
      return void(start_.responder.fulfil(
          error_response({runtime::Errc::unavailable, "this node does not hold the collection"},
                         request_->trace_id)));
    if (!generate_ && !stream_)
      return ask_holder(context_, "query", request_, found_by_, start_.responder);
    auto question = std::make_shared<Request>(*request_);
    auto body = json::parse(request_->body);
    if (generate_) body["answer"] = true;
    body.erase("stream");
    question->body = dumped(body);
    ask_holder(context_, "query", question, found_by_,
               Responder{[self = shared_from_this()](runtime::Result<Response> response) {
                 self->found_elsewhere(std::move(response));
               }});
  }

  void found_elsewhere(runtime::Result<Response> response) {
    auto body = response && response->status == 200 ? json::parse(response->body, nullptr, false)
                                                    : json(nullptr);
    if (!body.is_object()) return void(start_.responder.fulfil(std::move(response)));
    if (body["consistency_token"].is_string())
      seq_ = seq_of(body["consistency_token"].get<std::string>());
    body.erase("consistency_token");
    body.erase("took_ms");
    if (generate_) hits_ = hits_of(body);
    rendered_ = dumped(body);
    answer();
  }

  void answer() {
    if (!generate_ && !stream_)
      return void(start_.responder.fulfil(json_response(200, complete(std::move(rendered_)))));
    if (stream_ && !open()) return;
    if (!generate_ || hits_.empty()) return finish(json(nullptr));
    auto taken = context_->node->models->submit(
        ModelWork::answers,
        [self = shared_from_this()](const runtime::models::ModelPort& port) { self->write(port); });
    if (!taken) finish(json(nullptr), "too many answers are being written");
  }

  bool open() {
    Response head;
    head.content_type = "text/event-stream";
    head.headers.emplace_back("Cache-Control", "no-store");
    out_ = start_.begin(std::move(head));
    auto results = json::parse(rendered_);
    extract_ = results.value("answer", json(nullptr));
    results.erase("answer");
    return send("results", results);
  }

  bool send(const char* event, const json& data) {
    return out_->write(std::string{"event: "} + event + "\ndata: " + dumped(data) + "\n\n");
  }

  // On a thread of the line of answers.
  void write(const runtime::models::ModelPort& port) {
    runtime::models::CallContext call;
    call.collection = collection_of(*request_);
    call.cancel = context_->node->models->stopping();
    call.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::max(deadline_ - context_->node->clock->now(), runtime::SteadyTime::duration::zero()));
    runtime::models::ModelPort::OnDelta on_delta;
    if (stream_)
      on_delta = [this](std::string_view text) { return send("answer", {{"text", text}}); };
    auto answer = port.answer(call, question_, sources_of(hits_), on_delta);
    if (answer) return finish(generated_answer_json(*answer, hits_));
    observability::log_warn("a model wrote no answer",
                            {{"error.code", runtime::to_string(answer.error().code)},
                             {"error.message", answer.error().detail},
                             {"trace.id", request_->trace_id}});
    finish(json(nullptr), answer.error().detail);
  }

  // With the model's answer, or with the extract when there is none. `failure`: the model should
  // have written one; what it streamed before is void then.
  void finish(json generated, const std::string& failure = "") {
    const bool failed = !failure.empty();
    if (!stream_) {
      auto body = json::parse(rendered_);
      if (!generated.is_null()) body["answer"] = std::move(generated);
      if (failed) note_failure(body, failure);
      return void(start_.responder.fulfil(json_response(200, complete(dumped(body)))));
    }
    json done = json::object();
    if (generated.is_null() && !extract_.is_null()) {
      if (!failed) send_extract();
      done["answer"] = extract_;
    } else if (!generated.is_null()) {
      done["answer"] = std::move(generated);
    }
    if (failed) note_failure(done, failure);
    if (out_->write("event: done\ndata: " + complete(dumped(done)) + "\n\n")) out_->finish();
  }

  void send_extract() {
    bool first = true;
    for (const auto& citation : extract_.value("citations", json::array())) {
      send("answer", {{"text", (first ? "" : " ") + citation.value("text", std::string{})}});
      first = false;
    }
  }

  static void note_failure(json& body, const std::string& failure) {
    body["partial"] = true;
    body["missing"].push_back("generated_answer");
    body["generation_error"] = failure;
  }

  std::string complete(std::string body) const {
    std::chrono::duration<double, std::milli> took = context_->node->clock->now() - started_;
    const auto seq = seq_ ? *seq_ : context_->node->views->board().applied_everywhere();
    return complete_query_json(std::move(body), took.count(), seq);
  }

  Context context_;
  RequestPtr request_;
  StreamStart start_;
  runtime::SteadyTime started_, deadline_{};
  runtime::SteadyTime found_by_{};   // the question's deadline, without a model's time
  std::optional<std::uint64_t> seq_; // of the node that found the passages, when it is another
  std::uint64_t since_ = 0;          // the right to read
  bool generate_ = false, stream_ = false, with_answer_ = true;
  std::string question_, rendered_;
  std::vector<query::Hit> hits_;
  json extract_;
  std::shared_ptr<ResponseStream> out_;
};

} // namespace

void add_query_routes(std::vector<Route>& routes, const Context& context) {
  Route route;
  route.method = "POST";
  route.summary = "Ask a question";
  route.operation_id = "query";
  route.body_limit = 1 << 20;
  route.whole_body = true;
  route.stream = [context](RequestPtr request, StreamStart start) -> std::shared_ptr<BodyConsumer> {
    std::make_shared<Asking>(context, std::move(request), std::move(start))->begin();
    return nullptr;
  };
  context->for_peers["query"] = [context](RequestPtr request, Responder responder) {
    std::make_shared<Asking>(context, std::move(request), StreamStart{{}, std::move(responder)})
        ->begin();
  };
  add_collection_route(routes, std::move(route), "/query");
}

} // namespace graphrag::gateway
