#include "runtime/models/endpoint_caller.hpp"

#include <condition_variable>
#include <random>
#include <utility>

#include "observability/log.hpp"

namespace graphrag::runtime::models {

using std::chrono::milliseconds;
using Breaker = CircuitBreaker::Outcome;

namespace {

std::function<double()> own_jitter() {
  struct State {
    std::mutex mutex;
    std::mt19937 generator{std::random_device{}()};
  };
  return [state = std::make_shared<State>()] {
    std::lock_guard lock{state->mutex};
    return std::uniform_real_distribution<double>{0, 1}(state->generator);
  };
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

} // namespace

Sleep real_sleep() {
  return [](milliseconds time, std::stop_token cancel) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    never.wait_for(lock, cancel, time, [] { return false; });
    return !cancel.stop_requested();
  };
}

// How one attempt ended, and what follows from that.
struct EndpointCaller::Attempt {
  Status status;
  Breaker health = Breaker::neutral;
  bool transient = false; // another attempt may help
  bool costs = false;     // the endpoint has probably worked for it
  std::optional<milliseconds> asked_wait;
};

EndpointCaller::EndpointCaller(ModelEndpoint endpoint, CallerParts parts)
    : endpoint_(std::move(endpoint)), parts_(std::move(parts)),
      url_(without_slash(endpoint_.base_url)), metrics_(endpoint_.name),
      slots_(endpoint_.max_concurrent_calls, endpoint_.max_waiting_calls),
      breaker_(endpoint_.breaker) {
  metrics_.breaker(breaker_.state());
}

Result<std::shared_ptr<EndpointCaller>> EndpointCaller::make(ModelEndpoint endpoint,
                                                             CallerParts parts) {
  if (auto usable = check(endpoint); !usable) return tl::unexpected(usable.error());
  if (!parts.client || !parts.clock || !parts.sleep)
    return fail(Errc::invalid_argument, "a caller of models needs a client, a clock and a sleep");
  if (!parts.jitter) parts.jitter = own_jitter();
  return std::shared_ptr<EndpointCaller>{new EndpointCaller{std::move(endpoint), std::move(parts)}};
}

CircuitBreaker::State EndpointCaller::breaker_state() const {
  std::lock_guard lock{breaker_mutex_};
  return breaker_.state();
}

tl::unexpected<Error> EndpointCaller::named(const Error& error) const {
  return fail(error.code, endpoint_.name + ": " + error.detail);
}

std::optional<CircuitBreaker::Permit> EndpointCaller::allow() {
  std::lock_guard lock{breaker_mutex_};
  auto permit = breaker_.allow(parts_.clock->now());
  metrics_.breaker(breaker_.state());
  return permit;
}

bool EndpointCaller::holds(CircuitBreaker::Permit permit) const {
  std::lock_guard lock{breaker_mutex_};
  return breaker_.holds(permit);
}

void EndpointCaller::record(CircuitBreaker::Permit permit, Breaker outcome) {
  CircuitBreaker::State state;
  {
    std::lock_guard lock{breaker_mutex_};
    if (!breaker_.record(permit, outcome, parts_.clock->now())) return;
    state = breaker_.state();
    metrics_.breaker(state);
  }
  observability::log_warn(
      "a model endpoint's circuit breaker changed",
      {{"service.target.name", endpoint_.name}, {"graphrag.breaker.state", to_string(state)}});
}

Status EndpointCaller::call(const CallContext& context, const ModelCall& call,
                            AnswerReader& reader) {
  const auto started = parts_.clock->now();
  const auto timeout = std::min(context.timeout.value_or(endpoint_.timeout), endpoint_.timeout);
  std::string_view outcome;
  auto status = guarded(context, call, reader, started + timeout, outcome);
  if (outcome.empty()) outcome = status ? "ok" : to_string(status.error().code);
  metrics_.finished(call.purpose, outcome, parts_.clock->now() - started);
  return status;
}

void EndpointCaller::keep_budget() const {
  if (parts_.budget && parts_.keep_budget) parts_.keep_budget();
}

Status EndpointCaller::guarded(const CallContext& context, const ModelCall& call,
                               AnswerReader& reader, SteadyTime deadline,
                               std::string_view& outcome) {
  auto permit = allow();
  if (!permit) {
    outcome = "breaker_open";
    return named({Errc::unavailable, "it failed too often and is left alone for a while"});
  }
  Budget::Reservation reservation;
  if (parts_.budget) {
    auto reserved = parts_.budget->reserve(
        context.collection, spend_of(call.estimate, endpoint_.prices), parts_.clock->wall_ms());
    if (!reserved) {
      record(*permit, Breaker::neutral);
      outcome = "budget_spent";
      return named(reserved.error());
    }
    reservation = std::move(*reserved);
  }
  const auto slot = slots_.enter(deadline - parts_.clock->now(), context.cancel);
  if (!slot) {
    record(*permit, Breaker::neutral);
    outcome = slot.error().code == Errc::overloaded ? "busy" : "";
    return named(slot.error());
  }
  if (!holds(*permit)) permit = allow(); // the breaker changed while this call waited for its turn
  if (!permit) {
    outcome = "breaker_open";
    return named({Errc::unavailable, "it failed while the call waited for its turn"});
  }
  // The reservation is on disk before the endpoint hears of the call, and the cost before anybody
  // hears of its answer: no crash makes a call free.
  keep_budget();
  Usage used;
  auto status = attempts(context, call, reader, deadline, *permit, used);
  const auto spend = spend_of(used, endpoint_.prices);
  reservation.settle(spend);
  keep_budget();
  metrics_.spent(call.purpose, used, spend.micros);
  return status;
}

Status EndpointCaller::attempts(const CallContext& context, const ModelCall& call,
                                AnswerReader& reader, SteadyTime deadline,
                                CircuitBreaker::Permit permit, Usage& used) {
  for (unsigned retry = 0;; ++retry) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - parts_.clock->now());
    if (left <= milliseconds::zero()) {
      record(permit, Breaker::neutral); // the endpoint has no part in that
      return named({Errc::timeout, "no time is left for the call"});
    }
    reader.start();
    const auto result = attempt(context, call, reader, left);
    record(permit, result.health);
    if (result.costs) {
      const auto cost = reader.usage().value_or(call.estimate);
      used.input_tokens = add(used.input_tokens, cost.input_tokens);
      used.output_tokens = add(used.output_tokens, cost.output_tokens);
    }
    if (result.status) return {};
    const auto failure = named(result.status.error());
    if (!result.transient || reader.handed_on() || retry == endpoint_.retry.max_retries)
      return failure;
    const auto wait = retry_delay(endpoint_.retry, retry + 1, result.asked_wait, parts_.jitter());
    if (wait >= deadline - parts_.clock->now()) return failure;
    if (!parts_.sleep(wait, context.cancel))
      return named({Errc::canceled, "canceled between two attempts"});
    const auto again = allow();
    if (!again) return failure;
    permit = *again;
    metrics_.retried(call.purpose);
  }
}

EndpointCaller::Attempt EndpointCaller::attempt(const CallContext& context, const ModelCall& call,
                                                AnswerReader& reader, milliseconds left) const {
  http::Request request;
  request.method = "POST";
  request.url = url_ + call.path;
  request.headers = {{"Content-Type", "application/json"},
                     {"Accept", call.streamed ? "text/event-stream" : "application/json"},
                     {"User-Agent", "graphrag"}};
  if (!endpoint_.api_key.empty())
    request.headers.emplace_back("Authorization", "Bearer " + endpoint_.api_key.reveal());
  request.body = call.body;
  request.timeout = left;
  request.repeatable = true;
  request.cancel = context.cancel;
  bool began = false;
  request.on_body = [&](std::string_view piece) {
    began = true;
    return reader.piece(piece);
  };
  const auto response = parts_.client->send(request);
  if (response) return judge(*response, reader);
  Attempt out;
  out.status = tl::unexpected(response.error());
  const auto code = response.error().code;
  const bool failed = code == Errc::timeout || code == Errc::unavailable || code == Errc::io;
  out.health = failed ? Breaker::failure : Breaker::neutral;
  out.transient = code == Errc::unavailable || code == Errc::overloaded;
  out.costs = began || code == Errc::timeout;
  return out;
}

EndpointCaller::Attempt EndpointCaller::judge(const http::Response& response,
                                              AnswerReader& reader) const {
  Attempt out;
  if (response.ok()) {
    out.costs = true;
    out.status = reader.finish();
    const auto code = out.status ? Errc::not_found : out.status.error().code;
    const bool failed = code == Errc::unavailable;
    out.health = failed                   ? Breaker::failure
                 : code == Errc::canceled ? Breaker::neutral
                                          : Breaker::success;
    out.transient = failed;
    return out;
  }
  const auto status = response.status;
  const auto detail = "it answered with status " + std::to_string(status);
  out.transient = is_transient(status);
  if (const auto after = response.header("retry-after"))
    out.asked_wait = parse_retry_after(*after, parts_.clock->wall_ms());
  if (status == 429) {
    out.status = fail(Errc::overloaded, detail);
  } else if (status == 408 || status >= 500) {
    out.status = fail(status == 408 ? Errc::timeout : Errc::unavailable, detail);
    out.health = Breaker::failure;
  } else if (status >= 400) {
    const bool key = status == 401 || status == 403;
    out.status = fail(Errc::invalid_argument, key ? detail + ": it refuses the key" : detail);
    out.health = Breaker::success; // it is there and answers
  } else {
    out.status = fail(Errc::io, detail + ", a redirect: base_url is not its address");
    out.health = Breaker::success;
  }
  return out;
}

} // namespace graphrag::runtime::models
