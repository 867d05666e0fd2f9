#pragma once
// What the routes share, and the small things that all of them do.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "actors/node_parts.hpp"
#include "gateway/asio_execution_unit.hpp"
#include "gateway/http/message.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/uri.hpp"
#include "runtime/actor/supervisor.hpp"

namespace graphrag::gateway {

struct PeerQuestion; // gateway/routes/holders.hpp

struct RouteContext {
  NodePartsPtr node;
  std::shared_ptr<AsioExecutionUnit> on_asio; // where the gateway actor runs
  boost::asio::io_context* io = nullptr;
  std::function<bool()> ready;                      // this node can answer queries
  std::function<nlohmann::json()> readiness;        // the reasons, for ?verbose
  std::function<nlohmann::json()> effective_config; // admin
  // Admin, of a member of a cluster; empty otherwise.
  std::function<nlohmann::json()> cluster_status;
  std::function<runtime::Status(std::uint32_t ordinal)> drain_node;
  // Of a member: gives the question to a node that holds its collection.
  std::function<void(PeerQuestion, runtime::SteadyTime deadline, runtime::Promise<Response>)>
      ask_holder;
  std::map<std::string, Handler> for_peers;       // by operation; set before anybody asks
  std::shared_ptr<runtime::SupervisionTree> tree; // set once started; admin
  std::uint64_t max_document_bytes = 256ULL << 20;
  std::uint64_t max_upload_bytes = 1ULL << 30; // sum over a multipart request
  std::uint64_t max_model_bytes = 4ULL << 30;
  std::chrono::milliseconds query_deadline{5'000}; // of a question that names none
  std::chrono::milliseconds max_query_deadline{60'000};
  std::chrono::milliseconds answer_timeout{60'000}; // of a model that writes answers
  std::chrono::milliseconds ingest_wait{30'000};    // of a write that names none
  std::chrono::milliseconds max_ingest_wait{300'000};
  bool allow_kill = false; // admin may crash actors (chaos tests)
};
using Context = std::shared_ptr<RouteContext>;

// ---- answers

Response json_response(int status, std::string body);
// The problem document of a failure of the store or of an actor. Its statuses differ from those of
// the HTTP layer's own problem_of(): what was asked for is wrong here (422), or comes too fast
// (429).
Response error_response(const runtime::Error& error, const std::string& trace_id);
// A document's own failure: 422 with its code, and its id when it is stored.
Response document_problem(const runtime::DocumentError& error, const std::string& document_id,
                          const Request& request);

// ---- requests

// Registers a route under its canonical path /api/v1/collections/{c}SUFFIX and, for the collection
// `default`, under its short form /api/v1SUFFIX.
void add_collection_route(std::vector<Route>& routes, Route route, const std::string& suffix);

std::string collection_of(const Request& request); // {c}, or "default"
// The document that the request names (http/uri.hpp); answers 400 itself when the id is bad.
std::optional<runtime::DocumentKey> document_key_of(const Request& request,
                                                    const Responder& responder);

// The views of the request's collection; answers 404 itself when there is no such collection.
std::optional<chunk::CollectionViews> views_of(const Context& context, const Request& request,
                                               const Responder& responder);

// Version in If-Match: nothing when absent or "*"; 412 is the store's to say. False: malformed.
bool if_match_of(const Request& request, std::optional<std::uint64_t>& version);
// The same for a write that may create: "If-None-Match: *" is version 0, of a document that must
// not be there yet. False also when both are given, or If-None-Match is anything else.
bool precondition_of(const Request& request, std::optional<std::uint64_t>& version);
std::string etag_of(std::uint64_t version);

// The opaque consistency token of a sequence number, and back.
std::string token_of(std::uint64_t seq);
std::optional<std::uint64_t> seq_of(const std::string& token);

struct Preference {
  bool respond_async = false;
  std::chrono::milliseconds wait{30'000};
  bool wait_given = false;
};
// RFC 7240; a wait longer than the longest is cut to it.
Preference preference_of(const Context& context, const Request& request);

// Runs `work` on the io pool; 429 when it is full, 503 when its actor dies.
void on_io(const Context& context, const std::shared_ptr<Request>& request,
           const Responder& responder, std::function<Response()> work);
// Answers with the document as the store has it, read on the io pool, and its entity tag.
void show_document(const Context& context, const std::shared_ptr<Request>& request,
                   const Responder& responder, const runtime::DocumentKey& key, int status = 200);
// Commits the operations and gives the results, with errors of the whole batch already answered.
void write(const Context& context, const std::shared_ptr<Request>& request,
           const Responder& responder, std::vector<runtime::WriteOp> ops,
           std::function<void(const std::vector<runtime::WriteResult>&)> then);
// Hands a job to the gateway actor, which handles it on this thread a moment later. While the actor
// is down the job is dropped, and its promise answers 503.
template <class Job>
void to_gateway(const Context& context, Job&& job) {
  if (auto gateway = context->node->gateway.get())
    context->on_asio->send(gateway, std::forward<Job>(job));
}
// Calls `then` once `seq` is visible on this node and, where others hold the collection, on one of
// them: a change is effective for the next query here.
void when_visible(const Context& context, std::uint64_t seq, const std::string& collection,
                  std::function<void()> then);

// Calls `then` once no node shows any more what was removed; answers 503 itself when that is not
// known in time: the removal is durable all the same.
void when_gone(const Context& context, const std::shared_ptr<Request>& request,
               const Responder& responder, const runtime::WriteResult& removal,
               std::function<void()> then);

std::string rfc3339(std::int64_t unix_ms);

} // namespace graphrag::gateway
