#include "gateway/routes/holders.hpp"

#include <atomic>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "actors/chunk/embedding/encoders.hpp"
#include "actors/models/model_desk.hpp"
#include "gateway/http/problem.hpp"

namespace graphrag::gateway {
namespace {

constexpr auto patience_for_more = std::chrono::seconds(1);
constexpr auto longest_lag = std::chrono::milliseconds(30); // behind the node that asks

Response nobody(const Request& request) {
  return error_response(
      {runtime::Errc::unavailable, "no node that holds this collection answers now"},
      request.trace_id);
}

} // namespace

void ask_holder(const Context& context, const std::string& operation,
                const std::shared_ptr<Request>& request, runtime::SteadyTime deadline,
                Responder responder) {
  if (!context->ask_holder) return (void)responder.fulfil(nobody(*request));
  context->ask_holder(
      {operation, 0, request}, deadline,
      runtime::Promise<Response>{[request, responder](runtime::Result<Response> response) {
        responder.fulfil(response ? std::move(*response) : nobody(*request));
      }});
}

Handler by_holder(const Context& context, const std::string& operation, Handler local) {
  context->for_peers[operation] = local;
  return [context, operation, local = std::move(local)](std::shared_ptr<Request> request,
                                                        Responder responder) {
    const auto collection = collection_of(*request);
    const auto deadline =
        std::min(request->deadline, context->node->clock->now() + context->query_deadline);
    const auto since = context->node->peers->read_right(collection);
    if (since == 0) return ask_holder(context, operation, request, deadline, std::move(responder));
    local(request, Responder{[context, operation, request, responder, collection, deadline,
                              since](runtime::Result<Response> response) {
            if (is_harmless({operation, 0, request}) &&
                !context->node->peers->may_still_read(collection, since))
              return ask_holder(context, operation, request, deadline, responder);
            responder.fulfil(std::move(response));
          }});
  };
}

Handler rather_by_holder(const Context& context, const std::string& operation, Handler local) {
  context->for_peers[operation] = local;
  return [context, operation, local = std::move(local)](std::shared_ptr<Request> request,
                                                        Responder responder) {
    const auto& node = *context->node;
    const bool enriched = !node.encoders->wanted().empty() || node.models->settings().embedding ||
                          node.models->does(ModelWork::extraction);
    if (!context->ask_holder || !enriched || node.peers->read_right(collection_of(*request)) != 0)
      return local(std::move(request), std::move(responder));
    const auto deadline = std::min(request->deadline, node.clock->now() + patience_for_more);
    ask_holder(context, operation, request, deadline,
               Responder{[local, request, responder](runtime::Result<Response> response) {
                 if (!response || response->status >= 500) return local(request, responder);
                 responder.fulfil(std::move(response));
               }});
  };
}

namespace {

// A peer's question on its way through this node.
struct Asked : std::enable_shared_from_this<Asked> {
  Context context;
  std::shared_ptr<Request> request;
  std::string operation;
  Handler local;
  runtime::Promise<std::string> answer;
  std::atomic<bool> begun{false};
  std::optional<boost::asio::steady_timer> patience; // not canceled: it is short

  // Until this node has read the log as far as the asking one; when that takes long, such as while
  // the database is away, another node may be further.
  void wait_for(std::uint64_t seq) {
    auto& board = context->node->views->board();
    const auto self = shared_from_this();
    if (board.applied_everywhere() >= seq) return begin();
    patience.emplace(*context->io, longest_lag);
    const auto ticket = board.wait(
        seq, runtime::Promise<std::uint64_t>{[self](const runtime::Result<std::uint64_t>& reached) {
          if (reached) self->begin();
        }});
    patience->async_wait([self, ticket](boost::system::error_code) {
      if (self->begun.exchange(true)) return;
      self->context->node->views->board().cancel(ticket);
      self->elsewhere();
    });
  }

private:
  void begin() {
    if (begun.exchange(true)) return;
    boost::asio::post(*context->io, [self = shared_from_this()] { self->run(); });
  }
  void run() {
    const auto collection = collection_of(*request);
    const auto since = context->node->peers->read_right(collection);
    if (since == 0) return elsewhere();
    const bool harmless = is_harmless({operation, 0, request});
    local(request, Responder{[self = shared_from_this(), collection, since,
                              harmless](runtime::Result<Response> response) {
            const auto& peers = *self->context->node->peers;
            if (harmless && (!response || !peers.may_still_read(collection, since)))
              return self->elsewhere();
            self->give(response ? std::move(*response)
                                : error_response(response.error(), self->request->trace_id));
          }});
  }
  void give(Response response) {
    if (response.body.size() > largest_peer_answer)
      response = problem(500, "answer_too_large",
                         "the answer is too large to pass from node to node; ask for less",
                         request->trace_id);
    const auto seq = context->node->views->board().applied_everywhere();
    answer.fulfil(to_bytes({std::move(response), seq}));
  }
  void elsewhere() {
    answer.fulfil(runtime::fail(runtime::Errc::unavailable, "not here, or not yet"));
  }
};

} // namespace

void answer_peer(const Context& context, const std::string& bytes,
                 runtime::Promise<std::string> answer) {
  const auto question = question_of(bytes, context->node->clock->now());
  const auto found =
      question ? context->for_peers.find(question->operation) : context->for_peers.end();
  if (found == context->for_peers.end())
    return (void)answer.fulfil(runtime::fail(runtime::Errc::invalid_argument, "no such question"));
  auto asked = std::make_shared<Asked>();
  asked->context = context;
  asked->request = question->request;
  asked->operation = question->operation;
  asked->local = found->second;
  asked->answer = std::move(answer);
  asked->wait_for(question->after);
}

} // namespace graphrag::gateway
