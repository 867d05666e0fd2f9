// Session: from bytes to a routed request.
#include <algorithm>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>

#include "gateway/http/chars.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/server_core.hpp"
#include "gateway/http/session.hpp"
#include "gateway/http/trace_context.hpp"
#include "gateway/http/uri.hpp"
#include "observability/log.hpp"

namespace graphrag::gateway {
namespace {

namespace http = boost::beast::http;

std::vector<ProblemItem> unknown_parameters(const Route& route,
                                            const std::multimap<std::string, std::string>& query) {
  std::vector<ProblemItem> out;
  if (!route.only_parameters) return out;
  for (const auto& [name, value] : query)
    if (!std::ranges::count(route.parameters, name, &QueryParameter::name))
      out.push_back({"/query/" + name, "unknown parameter"});
  return out;
}

// Beast takes the head apart, straight into a Request. It sees only heads that check_head passed.
class HeadParser final : public http::basic_parser<true> {
public:
  explicit HeadParser(Request& request) : request_(request) {
    body_limit(UINT64_MAX); // this version of Beast takes boost::none for a limit of nothing
    header_limit(UINT32_MAX);
  }
  std::string_view target() const { return target_; }

private:
  using View = boost::beast::string_view;
  using Code = boost::beast::error_code;
  static std::string_view std_view(View v) { return {v.data(), v.size()}; }

  void on_request_impl(http::verb, View method, View target, int, Code& ec) override {
    request_.method.assign(method.data(), method.size());
    target_ = std_view(target);
    ec = {};
  }
  void on_field_impl(http::field, View name, View value, Code& ec) override {
    auto& [lower_name, text] = request_.headers.emplace_back();
    lower_name.resize(name.size());
    std::transform(name.begin(), name.end(), lower_name.begin(), lower);
    text.assign(value.data(), value.size());
    ec = {};
  }
  void on_header_impl(Code& ec) override { ec = {}; }
  void on_response_impl(int, View, int, Code& ec) override { ec = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code& ec) override { ec = {}; }
  std::size_t on_body_impl(View, Code& ec) override {
    ec = {};
    return 0;
  }
  void on_chunk_header_impl(std::uint64_t, View, Code& ec) override { ec = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, View, Code& ec) override {
    ec = {};
    return 0;
  }
  void on_finish_impl(Code& ec) override { ec = {}; }

  Request& request_;
  std::string_view target_;
};

bool in_pieces(const Route& route) { return route.stream && !route.whole_body; }

std::uint64_t body_limit_of(const Route& route, const ServerOptions& options) {
  return route.body_limit > 0 || in_pieces(route) ? route.body_limit : options.body_limit;
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

} // namespace

// One request head. False when it can go no further with what is buffered.
bool Session::read_head() {
  if (queue_.size() + unwritten_ >= max_outstanding) {
    held_ = !in_.empty();
    return false;
  }
  held_ = false;
  if (in_.empty()) return false;
  const auto size = scanner_.scan(in_.view(), core_->head_limits);
  if (!size) {
    refuse(size.error());
    return false;
  }
  if (*size == 0) return false;
  const auto raw = in_.view().substr(0, *size);
  const auto head = check_head(raw, core_->head_limits);
  if (!head) {
    refuse(head.error());
    return false;
  }
  if (must_wait(*head)) {
    // Rescanned when its turn comes; a scanner that has found the end must start afresh.
    scanner_.reset();
    held_ = true;
    return false;
  }
  auto request = make_request(raw, *head);
  if (!request) {
    refuse({400, "bad_head", "the head was understood in two ways"});
    return false;
  }
  fresh_ = false;
  // The bytes that `head` points to stay where they are until the next read.
  in_.consume(*size);
  scanner_.reset();
  head_since_ = std::chrono::steady_clock::now();
  route_request(std::move(request), *head);
  return !closed_;
}

// RFC 9112, 9.3.2: only safe requests may run side by side. An interim answer, too, must not
// overtake earlier answers.
bool Session::must_wait(const Head& head) const {
  const bool alone = !is_safe(head.method) || head.has_body();
  for (const auto& exchange : queue_) {
    if (exchange.state != Exchange::State::answered && (alone || !exchange.safe)) return true;
  }
  return false;
}

std::shared_ptr<Request> Session::make_request(std::string_view raw, const Head& head) {
  auto request = std::make_shared<Request>();
  request->headers.reserve(head.header_count);
  HeadParser parser{*request};
  boost::beast::error_code error;
  raw.remove_prefix(head.leading);
  parser.put(boost::asio::buffer(raw.data(), raw.size()), error);
  const bool agree = !error && parser.is_header_done() && request->method == head.method &&
                     parser.target() == head.target &&
                     request->headers.size() == head.header_count &&
                     parser.chunked() == head.chunked;
  if (!agree) return nullptr;
  request->path.assign(head.path);
  request->client = client_;
  for (const auto& [name, value] : request->headers) {
    if (name == "traceparent") {
      if (const auto trace = trace_of(value)) request->trace_id.assign(*trace);
    } else if (from_proxy_ && name == "x-forwarded-for") {
      if (auto client = core_->proxies.client_of(value)) request->client = std::move(*client);
    }
  }
  if (request->trace_id.empty()) request->trace_id = new_trace_id();
  return request;
}

Exchange& Session::open_exchange(bool keep_alive, std::string_view method) {
  auto& exchange = queue_.emplace_back();
  exchange.number = next_number_++;
  exchange.keep_alive = keep_alive && !core_->draining.load(std::memory_order_relaxed);
  exchange.head_only = method == "HEAD";
  exchange.safe = is_safe(method);
  exchange.probe = nullptr;
  exchange.started = std::chrono::steady_clock::now();
  exchange.deadline = exchange.started + core_->options.total_deadline;
  core_->open_requests.fetch_add(1, std::memory_order_relaxed);
  return exchange;
}

// A request that cannot be told apart from the bytes around it: answered, then the connection ends.
void Session::refuse(const Refusal& refusal) {
  core_->probe.rejected(refusal.code);
  auto& exchange = open_exchange(false, "");
  exchange.trace_id = new_trace_id();
  exchange.probe = &core_->probe.unmatched("_OTHER");
  fresh_ = false;
  cut_short_ = true;
  stop_requests();
  settle(exchange, problem(refusal.status, refusal.code, refusal.detail, exchange.trace_id));
}

void Session::route_request(std::shared_ptr<Request> request, const Head& head) {
  auto& exchange = open_exchange(head.keep_alive, head.method);
  exchange.http10 = head.minor_version == 0;
  exchange.trace_id = request->trace_id;
  exchange.safe = exchange.safe && !head.has_body();
  const auto number = exchange.number;
  auto refusal = refuse_request(*request, head, exchange);
  request->deadline = exchange.deadline;
  if (!exchange.keep_alive && !head.has_body()) reading_ = Reading::discard;

  if (head.has_body()) {
    body_ = IncomingBody{};
    body_.exchange = number;
    body_.chunked = head.chunked;
    body_.remaining = head.content_length.value_or(0);
    reading_ = Reading::body;
    restart_body_window(exchange.started);
  }
  if (refusal) {
    // A client that waits for 100 sends nothing after a refusal, or sends it all: we cannot know.
    if (head.expect_continue && head.has_body()) exchange.keep_alive = false;
    return settle(exchange, std::move(*refusal));
  }
  if (head.has_body()) {
    body_.request = request;
    body_.limit = body_limit_of(*exchange.route, core_->options);
    body_.sink = IncomingBody::Sink::buffer;
  }
  if (in_pieces(*exchange.route)) {
    call_stream_handler(exchange, request);
  } else if (!head.has_body()) {
    return call_route(exchange, std::move(request));
  } else if (!head.chunked && !charge(body_.remaining)) {
    return;
  } else if (!head.chunked) {
    body_.request->body.reserve(std::min<std::uint64_t>(body_.remaining, body_read_size));
  }
  if (closed_) return;
  // `exchange` may be gone if the handler answered at once.
  const auto* still = find(number);
  if (head.expect_continue && head.has_body() && still &&
      still->state != Exchange::State::answered && reading_ == Reading::body) {
    serialise();
    out_.append([](std::string& out) { out += "HTTP/1.1 100 Continue\r\n\r\n"; });
  }
}

// Everything that can be said from the head alone.
std::optional<Response> Session::refuse_request(Request& request, const Head& head,
                                                Exchange& exchange) {
  const auto& trace = request.trace_id;
  exchange.probe = &core_->probe.unmatched(request.method);
  if (head.form == TargetForm::asterisk) {
    Response all;
    all.status = 204;
    all.headers.emplace_back("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return all;
  }
  auto match = core_->router.match(request.method, request.path);
  switch (match.outcome) {
  case Router::Outcome::bad_path:
    exchange.keep_alive = false;
    return problem(400, "bad_path", "the path is not well formed", trace);
  case Router::Outcome::not_found:
    return problem(404, "no_route", "there is nothing here", trace);
  case Router::Outcome::method_not_allowed:
  case Router::Outcome::options: {
    Response response;
    response.status = 204;
    if (match.outcome == Router::Outcome::method_not_allowed) {
      response = problem(405, "method_not_allowed", "this method is not allowed here", trace);
    }
    response.headers.emplace_back("allow", match.allow);
    return response;
  }
  case Router::Outcome::found:
    break;
  }
  const auto& route = core_->routes[match.route];
  exchange.route = &route;
  exchange.probe = &core_->probe.of(match.route, match.head_of_get);
  if (route.total.count() > 0) exchange.deadline = exchange.started + route.total;
  request.route = route.pattern;
  request.params = std::move(match.params);
  request.deadline = exchange.deadline;
  if (!head.query.empty()) {
    auto query = parse_query(head.query);
    if (!query) {
      exchange.keep_alive = false;
      return problem(400, "bad_query", "the query is not well formed", trace);
    }
    request.query = std::move(*query);
  }
  if (auto unknown = unknown_parameters(route, request.query); !unknown.empty())
    return problem(400, "invalid_request", unknown.front().pointer + " " + unknown.front().detail,
                   trace, unknown);
  if (const auto encoding = request.header("content-encoding");
      encoding && !equals_ignoring_case(*encoding, "identity")) {
    auto response = problem(415, "unsupported_content_encoding",
                            "send the body without a content coding", trace);
    response.headers.emplace_back("accept-encoding", "identity");
    return response;
  }
  const auto limit = body_limit_of(route, core_->options);
  if (limit > 0 && head.content_length.value_or(0) > limit) {
    exchange.keep_alive = false;
    core_->probe.rejected("body_too_large");
    return problem(413, "body_too_large",
                   "the body may have at most " + std::to_string(limit) + " bytes", trace);
  }
  if (!core_->options.admit) return std::nullopt;
  try {
    return core_->options.admit(request);
  } catch (const std::exception& e) {
    observability::log_error("admission threw", {{"error.message", std::string_view(e.what())}});
    return problem(500, "internal", "an internal error", trace);
  }
}

} // namespace graphrag::gateway
