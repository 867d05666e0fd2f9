#pragma once
// What is asked of another server and what it answers, as plain values.
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/clock.hpp"

namespace graphrag::runtime::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string url;
  Headers headers; // Host, Content-Length and Connection are the client's
  std::string body;

  // For all of it: name look-up, connecting, handshake, sending, reading and every redirect. A
  // server that sends a byte now and then does not stretch it. A day at most.
  std::chrono::milliseconds timeout{30'000};
  std::size_t max_head_bytes = 64 * 1024; // of an answer: head lines, trailers included
  std::size_t max_body_bytes = 8 * 1024 * 1024;

  // How many redirects to follow, at most 5; GET and HEAD only. 0: a 3xx is the answer. From https
  // none leads to http. Headers that carry a secret are dropped when the origin changes.
  unsigned max_redirects = 0;
  // A kept connection may be closed by its server just when the request goes out. The client then
  // asks again on a new one; for methods other than GET and HEAD only when this says it is safe.
  bool repeatable = false;

  // Gets the body of a 2xx answer as it comes; then Response::body stays empty. Called on the
  // caller's thread; its time counts. False: enough, which is no error.
  std::function<bool(std::string_view piece)> on_body;
  // Another thread may end the call, which then fails with `canceled`.
  std::stop_token cancel;
};

struct Response {
  int status = 0;
  Headers headers;      // names in lower case, in the order of the answer; trailers at the end
  std::string body;     // bytes as they came; nothing is decoded but the chunks of the transfer
  bool complete = true; // false: on_body said that it had enough

  bool ok() const noexcept { return status >= 200 && status < 300; }
  // The first of that name; nothing when there is none.
  std::optional<std::string> header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers)
      if (name == lower_case_name) return value;
    return std::nullopt;
  }
};

// Until when a step of a call may take.
struct Until {
  SteadyTime deadline;
  std::stop_token cancel;
};

} // namespace graphrag::runtime::http
