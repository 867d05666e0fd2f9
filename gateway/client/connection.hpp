#pragma once
// The socket under HttpClient: every operation runs on its own io_context until it is done or its
// deadline has passed. Not for others than http_client.cpp and http_stream.cpp.
#include <chrono>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include "gateway/client/http_client.hpp"

namespace graphrag::client {

struct HttpClient::Connection {
  using Deadline = std::chrono::steady_clock::time_point;
  using ErrorCode = boost::system::error_code;

  Url server;
  Headers headers;
  boost::asio::io_context io;
  std::optional<boost::asio::ip::tcp::socket> socket;
  boost::beast::flat_buffer buffer;

  // Runs what was started until `done` or the deadline; then the socket is closed and all handlers
  // have run. Returns whether it was done in time.
  bool run_until(Deadline deadline, const bool& done);

  runtime::Status connect(Deadline deadline);
  void close();

  runtime::Error failure(const ErrorCode& error, bool in_time, const char* doing) const;
  template <class Message>
  void fill(Message& request, const Headers& more, const std::string& content_type) const;
};

Headers to_headers(const boost::beast::http::fields& fields);

template <class Message>
void HttpClient::Connection::fill(Message& request, const Headers& more,
                                  const std::string& content_type) const {
  namespace http = boost::beast::http;
  bool v6 = server.host.find(':') != std::string::npos;
  request.set(http::field::host,
              (v6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(server.port));
  request.set(http::field::user_agent, "graphrag");
  request.set(http::field::accept, "*/*");
  for (const auto& [name, value] : headers) request.set(name, value);
  for (const auto& [name, value] : more) request.set(name, value);
  if (!content_type.empty()) request.set(http::field::content_type, content_type);
}

} // namespace graphrag::client
