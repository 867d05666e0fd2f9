#pragma once
// A request and a response as the routes see them. No Beast type crosses this line.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/actor/promise.hpp"
#include "runtime/clock.hpp"

namespace graphrag::gateway {

struct Request {
  std::string method; // "GET" ...
  std::string path;   // raw path, still percent-encoded, without the query
  std::string route;  // template that matched, "/api/v1/collections/{c}/documents/{id}"
  std::map<std::string, std::string> params;     // path parameters, decoded and valid UTF-8
  std::multimap<std::string, std::string> query; // decoded
  std::vector<std::pair<std::string, std::string>> headers; // names in lower case
  std::string body;                                         // whole, unless the route streams
  std::string trace_id;                                     // 32 hex, from traceparent or new
  std::string client;                  // peer address, or what a trusted proxy says it is
  runtime::SteadyTime deadline;        // the request's total deadline
  std::shared_ptr<const void> context; // whatever ServerOptions::admit attached (who is asking)

  std::optional<std::string> header(std::string_view lower_case_name) const;
  std::optional<std::string> query_value(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// The one answer of a request. Fulfil from any thread; dropping it answers 503 `lost`.
using Responder = runtime::Promise<Response>;

// A streamed answer (NDJSON). Each write is flushed by itself; writes are queued up to a bound.
// write() returns false, and takes nothing, when the client has gone or the queue is at its bound
// (a later write may succeed once queued_bytes() has fallen). Thread-safe. Dropping it unfinished
// closes the connection, so that the client sees a broken answer and not a short one.
class ResponseStream {
public:
  virtual ~ResponseStream() = default;
  virtual bool write(std::string chunk) = 0;
  virtual void finish() = 0;
  virtual std::size_t queued_bytes() const = 0;
};

// A request whose body arrives in pieces (NDJSON of any length). The session calls on_data on its
// strand and reads on only after `resume` was called (from any thread, at once or later), so memory
// stays flat whatever the client does. `piece` is valid during the call only. Exactly one of on_end
// and on_abort is called, as the last call; on_abort also when the answer was complete before the
// body.
class BodyConsumer {
public:
  virtual ~BodyConsumer() = default;
  virtual void on_data(std::string_view piece, std::function<void()> resume) = 0;
  virtual void on_end() = 0;                          // whole body seen
  virtual void on_abort(std::string_view reason) = 0; // client gone, deadline, bad framing
};

// The start of a streamed answer: the session sends the head at once, chunked. Use one of the two,
// from any thread; the second use has no effect (a stream begun too late is dead: write() is
// false). A StreamHandler that wants no body answers by the responder and returns null.
struct StreamStart {
  std::function<std::shared_ptr<ResponseStream>(Response head)> begin;
  Responder responder; // for an answer instead of a stream (errors before the first line)
};

using Handler = std::function<void(std::shared_ptr<Request>, Responder)>;
using StreamHandler =
    std::function<std::shared_ptr<BodyConsumer>(std::shared_ptr<Request>, StreamStart)>;

// RFC 9457. `code` is stable; errors: [{pointer, detail}].
struct ProblemItem {
  std::string pointer, detail;
};
Response problem(int status, std::string_view code, std::string_view detail,
                 const std::string& trace_id, const std::vector<ProblemItem>& errors = {});

} // namespace graphrag::gateway
