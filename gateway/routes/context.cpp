#include "gateway/routes/context.hpp"

#include <charconv>
#include <ctime>

#include "actors/document/commit_actor.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/routes/render.hpp"

namespace graphrag::gateway {
namespace {

int status_of_failure(runtime::Errc code) {
  using runtime::Errc;
  switch (code) {
  case Errc::not_found:
    return 404;
  case Errc::already_exists:
  case Errc::stale_epoch:
  case Errc::conflict:
    return 409;
  case Errc::precondition_failed:
    return 412;
  case Errc::invalid_argument:
    return 422;
  case Errc::no_space:
    return 507;
  case Errc::overloaded:
    return 429;
  case Errc::unavailable:
  case Errc::timeout:
  case Errc::canceled:
  case Errc::lost:
    return 503;
  case Errc::corrupt:
  case Errc::io:
    return 500;
  }
  return 500;
}

} // namespace

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response error_response(const runtime::Error& error, const std::string& trace_id) {
  return problem_of(error, status_of_failure(error.code), trace_id);
}

Response document_problem(const runtime::DocumentError& error, const std::string& document_id,
                          const Request& request) {
  auto response = problem(422, error.code, error.detail, request.trace_id);
  if (document_id.empty()) return response;
  auto body = nlohmann::json::parse(response.body);
  body["document_id"] = document_id;
  body["retryable"] = error.retryable;
  response.body = body.dump();
  return response;
}

void add_collection_route(std::vector<Route>& routes, Route route, const std::string& suffix) {
  Route canonical = route;
  canonical.pattern = "/api/v1/collections/{c}" + suffix;
  route.pattern = "/api/v1" + suffix;
  if (!route.operation_id.empty()) route.operation_id += "Default";
  routes.push_back(std::move(canonical));
  routes.push_back(std::move(route));
}

std::string collection_of(const Request& request) {
  auto it = request.params.find("c");
  return it == request.params.end() ? "default" : it->second;
}

std::optional<runtime::DocumentKey> document_key_of(const Request& request,
                                                    const Responder& responder) {
  auto id = document_id_of(request);
  if (!id || !runtime::valid_document_id(*id)) {
    responder.fulfil(problem(400, "bad_document_id",
                             "a document id is 1 to 512 bytes of UTF-8 without control characters, "
                             "in the path or as ?id=",
                             request.trace_id));
    return std::nullopt;
  }
  return runtime::DocumentKey{collection_of(request), std::move(*id)};
}

bool if_match_of(const Request& request, std::optional<std::uint64_t>& version) {
  auto header = request.header("if-match");
  if (!header || *header == "*") return true;
  std::string_view text = *header;
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() < 3 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  version = number;
  return true;
}

bool precondition_of(const Request& request, std::optional<std::uint64_t>& version) {
  const auto none = request.header("if-none-match");
  if (!none) return if_match_of(request, version);
  version = 0;
  return *none == "*" && !request.header("if-match");
}

std::string etag_of(std::uint64_t version) { return "\"" + std::to_string(version) + "\""; }

std::string token_of(std::uint64_t seq) {
  char buffer[24] = "s";
  auto end = std::to_chars(buffer + 1, buffer + sizeof buffer, seq, 36).ptr;
  return {buffer, end};
}

std::optional<std::uint64_t> seq_of(const std::string& token) {
  if (token.size() < 2 || token.front() != 's') return std::nullopt;
  std::uint64_t seq = 0;
  auto [end, error] = std::from_chars(token.data() + 1, token.data() + token.size(), seq, 36);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return seq;
}

Preference preference_of(const Context& context, const Request& request) {
  Preference out;
  out.wait = context->ingest_wait;
  auto header = request.header("prefer");
  if (!header) return out;
  std::string_view rest = *header;
  while (!rest.empty()) {
    auto comma = rest.find_first_of(",;");
    auto item = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item == "respond-async") out.respond_async = true;
    if (!item.starts_with("wait=")) continue;
    item.remove_prefix(5);
    std::uint32_t seconds = 0;
    auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), seconds);
    if (error != std::errc{} || end != item.data() + item.size())
      continue; // RFC 7240: ignore what is not understood
    out.wait = std::min<std::chrono::milliseconds>(std::chrono::seconds{seconds},
                                                   context->max_ingest_wait);
    out.wait_given = true;
    if (seconds == 0) out.respond_async = true;
  }
  return out;
}

void on_io(const Context& context, const std::shared_ptr<Request>& request,
           const Responder& responder, std::function<Response()> work) {
  bool taken =
      context->node->io->submit([responder, work = std::move(work)] { responder.fulfil(work()); });
  if (!taken)
    responder.fulfil(error_response(
        {runtime::Errc::overloaded, "too many reads of the store in flight"}, request->trace_id));
}

void show_document(const Context& context, const std::shared_ptr<Request>& request,
                   const Responder& responder, const runtime::DocumentKey& key, int status) {
  on_io(context, request, responder, [context, request, key, status] {
    auto record = context->node->store->document(key);
    if (!record) return error_response(record.error(), request->trace_id);
    auto response = json_response(status, document_json(context->node, *record).dump());
    response.headers.emplace_back("ETag", etag_of(record->version));
    return response;
  });
}

void write(const Context& context, const std::shared_ptr<Request>& request,
           const Responder& responder, std::vector<runtime::WriteOp> ops,
           std::function<void(const std::vector<runtime::WriteResult>&)> then) {
  auto job = std::make_shared<document::WriteJob>();
  job->ops = std::move(ops);
  job->done = runtime::Promise<document::WriteResults>{
      [request, responder,
       then = std::move(then)](runtime::Result<document::WriteResults> results) {
        if (results)
          then(*results);
        else
          responder.fulfil(error_response(results.error(), request->trace_id));
      }};
  context->node->commit.send(job);
}

std::optional<chunk::CollectionViews> views_of(const Context& context, const Request& request,
                                               const Responder& responder) {
  auto views = context->node->views->find(collection_of(request));
  if (views.index) return views;
  responder.fulfil(
      error_response({runtime::Errc::not_found, "no such collection"}, request.trace_id));
  return std::nullopt;
}

void when_visible(const Context& context, std::uint64_t seq, const std::string& collection,
                  std::function<void()> then) {
  using Reached = runtime::Promise<std::uint64_t>;
  const Reached shown{[then = std::move(then)](const runtime::Result<std::uint64_t>&) { then(); }};
  context->node->views->board().wait(
      seq, Reached{[context, seq, collection, shown](const runtime::Result<std::uint64_t>& here) {
        if (here) context->node->peers->when_shown(seq, collection, shown);
      }});
}

void when_gone(const Context& context, const std::shared_ptr<Request>& request,
               const Responder& responder, const runtime::WriteResult& removal,
               std::function<void()> then) {
  using Reached = runtime::Promise<std::uint64_t>;
  const Reached gone{[request, responder, then](const runtime::Result<std::uint64_t>& everywhere) {
    if (everywhere) return then();
    responder.fulfil(
        error_response({runtime::Errc::unavailable,
                        "it is removed, but a node that does not answer may show it for a while"},
                       request->trace_id));
  }};
  context->node->views->board().wait(
      removal.seq, Reached{[context, removal, gone, collection = collection_of(*request)](
                               const runtime::Result<std::uint64_t>&) {
        context->node->peers->when_gone(removal.seq, removal.view_version, collection, gone);
      }});
}

std::string rfc3339(std::int64_t unix_ms) {
  std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[40];
  auto length = std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(buffer + length, sizeof buffer - length, ".%03dZ",
                static_cast<int>(unix_ms % 1000));
  return buffer;
}

} // namespace graphrag::gateway
