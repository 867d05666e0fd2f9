#pragma once
// The one way to an endpoint: breaker, budget, concurrency, retries, deadline and metrics around
// every call. Owns the endpoint's breaker and its places.
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "runtime/clock.hpp"
#include "runtime/http/client.hpp"
#include "runtime/models/budget.hpp"
#include "runtime/models/call_slots.hpp"
#include "runtime/models/endpoint.hpp"
#include "runtime/models/model_metrics.hpp"

namespace graphrag::runtime::models {

// Whom a call is for, and how long it may take.
struct CallContext {
  std::string collection;                           // whose budget pays
  std::optional<std::chrono::milliseconds> timeout; // at most, and by default, the endpoint's
  std::stop_token cancel;
};

struct ModelCall {
  Purpose purpose;
  std::string path; // "/embeddings", after the base URL
  std::string body; // JSON
  Usage estimate;   // from above: reserved before, and charged when the answer does not say
  bool streamed = false;
};

// Takes the answer of a call. Used on the caller's thread only.
class AnswerReader {
public:
  virtual ~AnswerReader() = default;
  virtual void start() = 0;                       // an attempt begins: forget what came before
  virtual bool piece(std::string_view bytes) = 0; // of a 2xx; false: no more is wanted
  virtual Status finish() = 0;                    // the body has ended: check all of it
  virtual std::optional<Usage> usage() const = 0;
  // Something was handed on to somebody: it cannot be taken back by another attempt.
  virtual bool handed_on() const = 0;
};

// Gives false when `cancel` came first.
using Sleep = std::function<bool(std::chrono::milliseconds, std::stop_token cancel)>;
Sleep real_sleep();

struct CallerParts {
  std::shared_ptr<http::Client> client;
  std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>();
  std::shared_ptr<Budget> budget;    // null: no limit
  std::function<void()> keep_budget; // makes what is spent and reserved durable; empty: not kept
  Sleep sleep = real_sleep();
  std::function<double()> jitter; // in [0, 1); empty: a generator of its own
};

// Thread-safe. Calls block; never call it on a worker of the actor system.
class EndpointCaller {
public:
  // Errors: `invalid_argument`, see check(ModelEndpoint).
  static Result<std::shared_ptr<EndpointCaller>> make(ModelEndpoint endpoint, CallerParts parts);

  const ModelEndpoint& endpoint() const noexcept { return endpoint_; }
  CircuitBreaker::State breaker_state() const;

  // In this order: the breaker lets it pass, the budget has room for the estimate, a place is free,
  // then up to 1 + max_retries attempts, all before the deadline. Retried are 408, 429, 5xx and
  // failures of the connection, unless something was handed on; a wait that Retry-After asks for
  // and the deadline does not leave ends the call at once. Budget: the usage that the answer tells,
  // else the estimate; attempts that timed out or broke after some of the answer had come cost the
  // estimate, refused ones nothing. Errors, named after the endpoint's `name`:
  //   unavailable       the breaker is open, 5xx, or the connection failed
  //   overloaded        the budget is spent, too many calls wait, or 429
  //   timeout, canceled
  //   invalid_argument  the endpoint refuses the request or the key: 4xx
  //   corrupt           the answer failed its checks (wire.hpp)
  //   io                a TLS or HTTP failure that does not heal by itself; a redirect
  Status call(const CallContext& context, const ModelCall& call, AnswerReader& reader);

private:
  struct Attempt;
  EndpointCaller(ModelEndpoint endpoint, CallerParts parts);

  void keep_budget() const;
  Status guarded(const CallContext& context, const ModelCall& call, AnswerReader& reader,
                 SteadyTime deadline, std::string_view& outcome);
  Status attempts(const CallContext& context, const ModelCall& call, AnswerReader& reader,
                  SteadyTime deadline, CircuitBreaker::Permit permit, Usage& used);
  Attempt attempt(const CallContext& context, const ModelCall& call, AnswerReader& reader,
                  std::chrono::milliseconds left) const;
  Attempt judge(const http::Response& response, AnswerReader& reader) const;
  std::optional<CircuitBreaker::Permit> allow();
  bool holds(CircuitBreaker::Permit permit) const;
  void record(CircuitBreaker::Permit permit, CircuitBreaker::Outcome outcome);
  tl::unexpected<Error> named(const Error& error) const;

  const ModelEndpoint endpoint_;
  const CallerParts parts_;
  const std::string url_; // without a '/' at its end
  ModelMetrics metrics_;
  CallSlots slots_;
  mutable std::mutex breaker_mutex_;
  CircuitBreaker breaker_;
};

} // namespace graphrag::runtime::models
