#pragma once
// The HTTP listener: accepts, parses strictly (RFC 9112), applies limits and deadlines, routes,
// counts. Knows nothing of documents or actors.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility> // Asio 1.74 needs it before its own headers in C++20
#include <vector>

#include <boost/asio/io_context.hpp>

#include "gateway/http/message.hpp"
#include "runtime/error.hpp"

namespace graphrag::gateway {

// What /openapi.json and /docs tell of a route besides its address.
struct QueryParameter {
  std::string name, summary;
};
struct BodyKind {
  std::string type;   // "application/json"
  std::string schema; // JSON Schema as text; empty = anything
};

struct Route {
  std::string method;      // "GET"
  std::string pattern;     // "/api/v1/collections/{c}/documents/{id}"; {id} takes one segment
  Handler handler;         // or
  StreamHandler stream;    // takes the body in pieces
  bool whole_body = false; // for stream: called once request->body is whole, like a handler; the
                           // returned consumer is not used
  // 0 = the server's default; for streams without whole_body: of the request in all, 0 = none
  std::uint64_t body_limit = 0;
  std::chrono::milliseconds total{0}; // 0 = the server's default; for streams: without any progress
  std::string summary;                // one line
  std::string operation_id;           // empty = for people, and left out of descriptions
  std::vector<QueryParameter> parameters;
  bool only_parameters = false; // 400 for any other in the query
  std::vector<BodyKind> bodies; // any one of them; empty = no body
  std::string example;          // what curl is told besides method and address: "-d '{...}'"
  std::string response_schema;  // of the 2xx answer
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000; // 0 = any free one
  std::uint32_t max_connections = 1024;
  std::uint32_t max_connections_per_client = 512;
  std::uint32_t max_header_bytes = 16 * 1024;
  std::uint32_t max_header_count = 100;
  std::uint64_t body_limit = 32ULL * 1024 * 1024;
  std::chrono::milliseconds header_deadline{10'000};
  std::chrono::milliseconds body_deadline{60'000}; // between progress of min_body_rate
  std::uint32_t min_body_rate = 1024;              // bytes/s over 10 s windows
  std::chrono::milliseconds idle_deadline{60'000};
  std::chrono::milliseconds write_deadline{30'000};
  std::chrono::milliseconds total_deadline{330'000};
  std::string name = "public"; // label of logs and of graphrag_http_connections
  std::uint64_t max_buffered_body = 512ULL * 1024 * 1024; // of all requests together; above: 503
  std::uint64_t stream_queue_bound = 1024 * 1024; // bytes of one streamed answer not yet sent
  // Addresses or networks ("10.0.0.0/8") whose X-Forwarded-For is believed, and which the limit per
  // client does not apply to.
  std::vector<std::string> trusted_proxies;
  // Runs after the route was found and before the body is read (authentication, rate limits): an
  // answer refuses the request. Quick, on the connection's strand.
  std::function<std::optional<Response>(Request&)> admit;
};

// Its end closes everything. Handlers may still be at work on the threads that run `io`: stop those
// threads before what the routes refer to goes away.
class HttpServer {
public:
  // Binds at once; errors: address in use, not permitted ...
  static runtime::Result<std::unique_ptr<HttpServer>>
  bind(boost::asio::io_context& io, ServerOptions options, std::vector<Route> routes);
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  virtual void start() = 0;
  // Stops accepting; open requests go on; idle connections close; answers carry Connection: close.
  virtual void drain() = 0;
  virtual std::size_t open_requests() const = 0;
  virtual void close_all() = 0;
};

} // namespace graphrag::gateway
