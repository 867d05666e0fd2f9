#pragma once
// A small blocking HTTP/1.1 client with one kept-alive connection and a deadline on everything.
// One thread at a time; make one client per thread.
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/client/url.hpp"
#include "runtime/error.hpp"

namespace graphrag::client {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpCall {
  std::string method = "GET";
  std::string target; // "/ready"; the address's base comes before it
  Headers headers;
  std::string content_type; // sent when there is a body
  std::string body;
  std::chrono::milliseconds deadline{30'000}; // for all of it, connecting included
};

struct HttpReply {
  int status = 0;
  Headers headers; // names in lower case
  std::string body;
  std::optional<std::string> header(std::string_view lower_case_name) const;
  bool ok() const { return status >= 200 && status < 300; }
};

// A body that is sent in pieces while the answer is already being read.
struct StreamCall {
  std::string method = "POST";
  std::string target;
  Headers headers;
  std::string content_type;
  // nullopt = the end, empty = not yet: it is asked again soon. Must not block.
  std::function<std::optional<std::string>()> next_piece;
  // Each line of a 2xx answer, without its line end. False ends the exchange.
  std::function<bool(std::string_view line)> on_line;
  std::chrono::milliseconds idle_deadline{120'000}; // between two signs of life
};

class HttpClient {
public:
  // `headers` go with every request (authorisation).
  explicit HttpClient(Url server, Headers headers = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // A reply of any status is a success here. Errors: `unavailable` (no connection, or it broke)
  // and `timeout`. A kept connection that turns out to be closed is replaced once, so calls must
  // be safe to repeat; all calls of our clients are.
  runtime::Result<HttpReply> send(const HttpCall& call);

  // The reply's body is empty for a 2xx (its lines went to on_line), else the problem.
  // Always uses a new connection and closes it.
  runtime::Result<HttpReply> stream(const StreamCall& call);

  const Url& server() const;

private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

} // namespace graphrag::client
