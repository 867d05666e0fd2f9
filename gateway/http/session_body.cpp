// Session: from the bytes of a body to a handler.
#include "gateway/http/problem.hpp"
#include "gateway/http/server_core.hpp"
#include "gateway/http/session.hpp"
#include "observability/log.hpp"

namespace graphrag::gateway {

// A piece of body_. False when it can go no further with what is buffered.
bool Session::read_body() {
  if (paused_) return false;
  if (in_.empty() && (body_.chunked || body_.remaining > 0)) {
    if (end_of_input_) abort("the client closed in the middle of a body");
    return false;
  }
  if (!body_.chunked) {
    const auto n = std::min<std::uint64_t>(body_.remaining, in_.size());
    body_.remaining -= n;
    // The piece stays in the buffer while it is looked at; nothing is read meanwhile.
    const auto piece = in_.view().substr(0, n);
    const auto exchange = body_.exchange;
    in_.consume(n);
    if (n > 0) take_piece(piece);
    const bool same = !closed_ && reading_ == Reading::body && body_.exchange == exchange;
    if (same && body_.remaining == 0 && !paused_) end_of_body();
    return !closed_;
  }
  const auto step = body_.decoder.feed(in_.view());
  in_.consume(step.used);
  switch (step.event) {
  case ChunkDecoder::Event::need_more:
    return !in_.empty();
  case ChunkDecoder::Event::data:
    take_piece(step.data);
    return !closed_;
  case ChunkDecoder::Event::done:
    end_of_body();
    return !closed_;
  case ChunkDecoder::Event::bad:
    core_->probe.rejected(body_.decoder.refusal().code);
    fail_body(body_.decoder.refusal());
    return false;
  }
  return false;
}

void Session::take_piece(std::string_view piece) {
  body_.seen += piece.size();
  if (body_.sink == IncomingBody::Sink::drop) {
    if (body_.seen > drop_at_most) {
      if (auto* exchange = find(body_.exchange)) exchange->keep_alive = false;
      cut_short_ = true;
      stop_requests();
    }
    return;
  }
  if (body_.limit > 0 && body_.seen > body_.limit) {
    core_->probe.rejected("body_too_large");
    return fail_body({413, "body_too_large",
                      "the body may have at most " + std::to_string(body_.limit) + " bytes"});
  }
  if (body_.sink == IncomingBody::Sink::buffer) {
    if (body_.chunked && !charge(piece.size())) return;
    body_.request->body.append(piece);
    return;
  }
  paused_ = true;
  const auto consumer = body_.consumer;
  if (auto* exchange = find(body_.exchange); exchange && exchange->route) {
    const auto total =
        exchange->route->total.count() > 0 ? exchange->route->total : core_->options.total_deadline;
    exchange->deadline = std::chrono::steady_clock::now() + total;
  }
  const auto pause = ++pause_;
  try {
    consumer->on_data(piece, [weak = weak_from_this(), pause] {
      if (auto self = weak.lock()) self->on_strand([pause](Session& s) { s.resume(pause); });
    });
  } catch (const std::exception& e) {
    observability::log_error("a body consumer threw",
                             {{"error.message", std::string_view(e.what())}});
    fail_body({500, "internal", "an internal error"});
  }
}

void Session::resume(std::uint64_t pause) {
  if (!paused_ || pause != pause_) return;
  paused_ = false;
  restart_body_window(std::chrono::steady_clock::now());
}

void Session::end_of_body() {
  const auto* exchange = find(body_.exchange);
  auto body = std::exchange(body_, IncomingBody{});
  // An exchange that has left the queue kept the connection, else reading would have stopped.
  reading_ = exchange && !exchange->keep_alive ? Reading::discard : Reading::head;
  head_since_ = std::chrono::steady_clock::now();
  switch (body.sink) {
  case IncomingBody::Sink::drop:
    break;
  case IncomingBody::Sink::buffer:
    if (exchange) call_route(*exchange, std::move(body.request));
    break;
  case IncomingBody::Sink::consumer:
    body.consumer->on_end();
    break;
  }
}

// The body cannot be read to its end: what follows cannot be told apart from it.
void Session::fail_body(const Refusal& refusal) {
  cut_short_ = true;
  auto* exchange = find(body_.exchange);
  if (exchange) exchange->keep_alive = false;
  if (exchange && exchange->state == Exchange::State::streaming)
    return abort(refusal.detail); // half an answer cannot be taken back
  if (exchange && exchange->state == Exchange::State::open) {
    auto response = problem(refusal.status, refusal.code, refusal.detail, exchange->trace_id);
    if (refusal.status == 503) response.headers.emplace_back("retry-after", "1");
    // The consumer hears of it afterwards: an answer of its own is then too late.
    auto consumer = std::exchange(body_.consumer, nullptr);
    settle(*exchange, std::move(response));
    body_.consumer = std::move(consumer);
  }
  abort_consumer(refusal.detail);
  stop_requests();
}

// The answer is complete before the body: a little of it is read and dropped, more ends the
// connection.
void Session::leave_body(Exchange& exchange) {
  if (reading_ != Reading::body || body_.exchange != exchange.number) return;
  abort_consumer("answered");
  const bool little = !body_.chunked && body_.remaining <= drop_at_most;
  if (little && exchange.keep_alive) {
    body_.sink = IncomingBody::Sink::drop;
    body_.seen = 0;
    body_.request.reset();
    return;
  }
  exchange.keep_alive = false;
  cut_short_ = true;
  stop_requests();
}

void Session::abort_consumer(std::string_view reason) {
  paused_ = false;
  ++pause_;
  if (auto consumer = std::exchange(body_.consumer, nullptr)) consumer->on_abort(reason);
}

// Takes `bytes` of the budget that all buffered bodies share; answers 503 when there is no room.
bool Session::charge(std::uint64_t bytes) {
  auto* exchange = find(body_.exchange);
  if (!exchange) return true;
  const auto before = core_->buffered_body.fetch_add(bytes, std::memory_order_relaxed);
  exchange->buffered += bytes;
  if (before + bytes <= core_->options.max_buffered_body) return true;
  core_->probe.rejected("buffered_bodies");
  fail_body({503, "overloaded", "too many large requests at once"});
  return false;
}

namespace {

void log_throw(const char* what, const std::string& route) {
  observability::log_error("a route's handler threw", {{"error.message", std::string_view(what)},
                                                       {"http.route", std::string_view(route)}});
}

} // namespace

void Session::call_route(const Exchange& exchange, std::shared_ptr<Request> request) {
  if (exchange.route->stream)
    call_stream_handler(exchange, request);
  else
    call_handler(exchange, std::move(request));
}

void Session::call_handler(const Exchange& exchange, std::shared_ptr<Request> request) {
  const auto number = exchange.number;
  const auto& route = *exchange.route;
  Responder responder{[weak = weak_from_this(), number](runtime::Result<Response> result) {
    if (auto self = weak.lock()) self->answer(number, std::move(result));
  }};
  try {
    route.handler(std::move(request), responder);
  } catch (const std::exception& e) {
    log_throw(e.what(), route.pattern);
    responder.fulfil(runtime::fail(runtime::Errc::io, "the handler threw"));
  }
}

void Session::call_stream_handler(const Exchange& exchange,
                                  const std::shared_ptr<Request>& request) {
  const auto number = exchange.number;
  const auto& route = *exchange.route;
  // One of the two ways to answer wins, whichever thread they come from.
  auto taken = std::make_shared<std::atomic<bool>>(false);
  StreamStart start;
  start.responder =
      Responder{[weak = weak_from_this(), number, taken](runtime::Result<Response> r) {
        if (taken->exchange(true)) return;
        if (auto self = weak.lock()) self->answer(number, std::move(r));
      }};
  start.begin = [weak = weak_from_this(), number, taken](Response head) {
    auto self = taken->exchange(true) ? nullptr : weak.lock();
    if (self) return self->begin_stream(number, std::move(head));
    auto dead = std::make_shared<StreamState>([] {}, 0);
    dead->kill();
    return std::shared_ptr<ResponseStream>(std::make_shared<StreamHandle>(dead));
  };
  const auto responder = start.responder;
  std::shared_ptr<BodyConsumer> consumer;
  try {
    consumer = route.stream(request, std::move(start));
  } catch (const std::exception& e) {
    log_throw(e.what(), route.pattern);
    responder.fulfil(runtime::fail(runtime::Errc::io, "the handler threw"));
  }
  if (closed_) {
    if (consumer) consumer->on_abort("the client has gone");
    return;
  }
  const bool reading = reading_ == Reading::body && body_.exchange == number;
  if (route.whole_body) return;
  if (reading && body_.sink != IncomingBody::Sink::drop) {
    if (consumer) {
      body_.sink = IncomingBody::Sink::consumer;
      body_.consumer = std::move(consumer);
    } else {
      body_.sink = IncomingBody::Sink::drop;
    }
  } else if (consumer) {
    // No body at all, or answered before it: leave_body has then given it up.
    const auto* still = find(number);
    const bool answered = !still || still->state == Exchange::State::answered;
    if (answered)
      consumer->on_abort("answered");
    else
      consumer->on_end();
  }
}

} // namespace graphrag::gateway
