#include "gateway/client/http_client.hpp"

#include <limits>

#include <boost/asio/connect.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "gateway/client/connection.hpp"

namespace graphrag::client {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

std::optional<std::string> HttpReply::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_case_name) return value;
  return std::nullopt;
}

Headers to_headers(const http::fields& fields) {
  Headers out;
  for (const auto& field : fields) {
    std::string name{field.name_string()};
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    out.emplace_back(std::move(name), std::string{field.value()});
  }
  return out;
}

bool HttpClient::Connection::run_until(Deadline deadline, const bool& done) {
  io.restart();
  while (!done && io.run_one_until(deadline) != 0) {
  }
  if (done) return true;
  close(); // ends what is pending; its handlers refer to the caller's frame and must run now
  io.restart();
  io.run();
  return false;
}

void HttpClient::Connection::close() {
  ErrorCode ignored;
  if (socket) socket->close(ignored);
  socket.reset();
  buffer.clear();
}

runtime::Error HttpClient::Connection::failure(const ErrorCode& error, bool in_time,
                                               const char* doing) const {
  auto where = to_string(server);
  if (!in_time)
    return {runtime::Errc::timeout, where + ": no answer in time while " + std::string{doing}};
  auto why = error == http::error::end_of_stream ? std::string{"the connection was closed"}
                                                 : error.message();
  return {runtime::Errc::unavailable, where + ": " + why + " while " + doing};
}

runtime::Status HttpClient::Connection::connect(Deadline deadline) {
  close();
  bool done = false;
  ErrorCode error;
  tcp::resolver resolver{io};
  tcp::resolver::results_type found;
  resolver.async_resolve(server.host, std::to_string(server.port),
                         [&](ErrorCode e, tcp::resolver::results_type results) {
                           error = e;
                           found = std::move(results);
                           done = true;
                         });
  io.restart();
  while (!done && io.run_one_until(deadline) != 0) {
  }
  if (!done) {
    resolver.cancel();
    io.run();
    return tl::unexpected(failure(error, false, "looking up the name"));
  }
  if (error) return tl::unexpected(failure(error, true, "looking up the name"));
  done = false;
  socket.emplace(io);
  asio::async_connect(*socket, found, [&](ErrorCode e, const tcp::endpoint&) {
    error = e;
    done = true;
  });
  bool in_time = run_until(deadline, done);
  if (!in_time || error) {
    auto why = failure(error, in_time, "connecting");
    close();
    return tl::unexpected(std::move(why));
  }
  socket->set_option(tcp::no_delay{true}, error);
  return {};
}

HttpClient::HttpClient(Url server, Headers headers) : connection_(std::make_unique<Connection>()) {
  connection_->server = std::move(server);
  connection_->headers = std::move(headers);
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

const Url& HttpClient::server() const { return connection_->server; }

runtime::Result<HttpReply> HttpClient::send(const HttpCall& call) {
  auto& c = *connection_;
  auto deadline = std::chrono::steady_clock::now() + call.deadline;
  http::request<http::string_body> request{http::string_to_verb(call.method),
                                           c.server.base + call.target, 11};
  c.fill(request, call.headers, call.content_type);
  request.body() = call.body;
  request.prepare_payload();

  for (bool reused = c.socket.has_value();; reused = false) {
    if (!reused)
      if (auto connected = c.connect(deadline); !connected)
        return tl::unexpected(connected.error());
    bool done = false;
    Connection::ErrorCode error;
    http::async_write(*c.socket, request, [&](Connection::ErrorCode e, std::size_t) {
      error = e;
      done = true;
    });
    bool in_time = c.run_until(deadline, done);
    http::response_parser<http::string_body> parser;
    parser.body_limit((std::numeric_limits<std::uint64_t>::max)());
    bool nothing_came = true;
    if (in_time) {
      // A server that refuses a large body answers before it has read all of it: read on even
      // when the write has failed.
      done = false;
      error = {};
      http::async_read(*c.socket, c.buffer, parser, [&](Connection::ErrorCode e, std::size_t read) {
        error = e;
        nothing_came = read == 0;
        done = true;
      });
      in_time = c.run_until(deadline, done);
    }
    if (!in_time || error) {
      auto why = c.failure(error, in_time, "waiting for the answer");
      c.close();
      if (in_time && reused && nothing_came) continue; // it was closed while we kept it
      return tl::unexpected(std::move(why));
    }
    auto message = parser.release();
    HttpReply reply{static_cast<int>(message.result_int()), to_headers(message), {}};
    reply.body = std::move(message.body());
    if (!message.keep_alive()) c.close();
    return reply;
  }
}

} // namespace graphrag::client
