// HttpClient::stream: sends pieces and reads lines at the same time, so that a server that answers
// line by line never waits for a reader that is still writing.
#include <array>
#include <cstdio>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "gateway/client/connection.hpp"

namespace graphrag::client {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// Two chains of operations on one socket; both end before the exchange does.
struct Exchange {
  asio::ip::tcp::socket& socket;
  boost::beast::flat_buffer& buffer;
  const StreamCall& call;
  asio::steady_timer pause{socket.get_executor()};
  http::response_parser<http::buffer_body> parser{};
  std::array<char, 16 * 1024> window{};
  std::string piece, line, problem;
  bool writing = true, reading = true, refused = false;
  bool life = false; // something has moved; taken down by the watcher
  error_code error{};

  void write_next() {
    auto next = call.next_piece();
    if (next && next->empty()) { // not yet
      pause.expires_after(std::chrono::milliseconds(2));
      pause.async_wait([this](error_code) {
        life = true;
        writing = reading;
        if (writing) write_next();
      });
      return;
    }
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", next ? next->size() : 0);
    piece = size;
    if (next) piece += *next;
    piece += "\r\n";
    bool last = !next;
    asio::async_write(socket, asio::buffer(piece), [this, last](error_code e, std::size_t) {
      life = true;
      writing = !e && !last && reading;
      if (writing) write_next();
    });
  }

  void read_head() {
    parser.body_limit((std::numeric_limits<std::uint64_t>::max)());
    http::async_read_header(socket, buffer, parser, [this](error_code e, std::size_t) {
      life = true;
      if (e) return end(e);
      refused = parser.get().result_int() / 100 != 2;
      if (parser.is_done()) return end({});
      read_some();
    });
  }

  void read_some() {
    auto& body = parser.get().body();
    body.data = window.data();
    body.size = window.size();
    body.more = true;
    http::async_read_some(socket, buffer, parser, [this](error_code e, std::size_t) {
      life = true;
      if (e == http::error::need_buffer) e = {};
      std::string_view got{window.data(), window.size() - parser.get().body().size};
      if (refused)
        problem += got;
      else if (!take_lines(got))
        return end({});
      if (e || parser.is_done()) return end(e);
      read_some();
    });
  }

  bool take_lines(std::string_view got) {
    while (!got.empty()) {
      auto newline = got.find('\n');
      line += got.substr(0, newline);
      if (newline == std::string_view::npos) return true;
      got.remove_prefix(newline + 1);
      auto whole = std::exchange(line, {});
      if (whole.ends_with('\r')) whole.pop_back();
      if (!whole.empty() && !call.on_line(whole)) return false;
    }
    return true;
  }

  void end(error_code e) {
    error = e;
    reading = false;
  }
};

} // namespace

runtime::Result<HttpReply> HttpClient::stream(const StreamCall& call) {
  auto& c = *connection_;
  auto soon = [&] { return std::chrono::steady_clock::now() + call.idle_deadline; };
  if (auto connected = c.connect(soon()); !connected) return tl::unexpected(connected.error());

  http::request<http::empty_body> head{http::string_to_verb(call.method),
                                       c.server.base + call.target, 11};
  c.fill(head, call.headers, call.content_type);
  head.chunked(true);
  http::request_serializer<http::empty_body> serializer{head};
  bool done = false;
  Connection::ErrorCode error;
  http::async_write_header(*c.socket, serializer, [&](Connection::ErrorCode e, std::size_t) {
    error = e;
    done = true;
  });
  bool in_time = c.run_until(soon(), done);
  if (!in_time || error) {
    auto why = c.failure(error, in_time, "sending");
    c.close();
    return tl::unexpected(std::move(why));
  }

  Exchange exchange{*c.socket, c.buffer, call};
  exchange.read_head();
  exchange.write_next();
  while (exchange.reading && in_time) {
    exchange.life = false;
    auto deadline = soon();
    c.io.restart();
    while (!exchange.life && exchange.reading && c.io.run_one_until(deadline) != 0) {
    }
    in_time = exchange.life || !exchange.reading;
  }
  exchange.reading = false;
  // The other chain may still have an operation that points here: end and run it.
  Connection::ErrorCode ignored;
  c.socket->close(ignored);
  c.io.restart();
  c.io.run();
  auto failure = exchange.error;
  c.close();
  if (!in_time || failure)
    return tl::unexpected(c.failure(failure, in_time, "reading the answers"));
  auto& message = exchange.parser.get();
  return HttpReply{static_cast<int>(message.result_int()), to_headers(message),
                   std::move(exchange.problem)};
}

} // namespace graphrag::client
