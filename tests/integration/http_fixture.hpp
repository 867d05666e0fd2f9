#pragma once
// A server on a free port with routes of the test's choice, and a client that speaks raw bytes. The
// client never sleeps: it waits for the socket with a deadline.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "gateway/http/server.hpp"

namespace graphrag::gateway::testing_http {

using namespace std::chrono_literals;

inline constexpr auto patience = 20s;

// Waits until `condition` holds, looking often; false when patience ran out.
inline bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
    ::poll(nullptr, 0, 1);
  }
  return true;
}

class TestServer {
public:
  explicit TestServer(std::vector<Route> routes, ServerOptions options = {}, int threads = 1) {
    options.port = 0;
    auto bound = HttpServer::bind(io_, std::move(options), std::move(routes));
    if (!bound) throw std::runtime_error(bound.error().detail);
    server_ = std::move(*bound);
    server_->start();
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
  }
  ~TestServer() {
    server_.reset();
    guard_.reset();
    io_.stop();
    for (auto& thread : threads_) thread.join();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  HttpServer& operator*() { return *server_; }
  HttpServer* operator->() { return server_.get(); }
  boost::asio::io_context& io() { return io_; }
  std::uint16_t port() const { return server_->port(); }

private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      io_.get_executor()};
  std::unique_ptr<HttpServer> server_;
  std::vector<std::thread> threads_;
};

struct Answer {
  int status = 0; // 0: the connection ended first
  std::string head, body;
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class RawClient {
public:
  explicit RawClient(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~RawClient() { close(); }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), in_(std::move(other.in_)) {
  }
  RawClient& operator=(RawClient&&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void reset() { // close with RST
    linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }

  // False when the other side has gone, or patience ran out.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      pollfd p{fd_, POLLOUT, 0};
      if (::poll(&p, 1, 20'000) <= 0) return false;
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN) return false;
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  // More bytes into the buffer; false at the end of the stream or when patience ran out.
  bool receive(std::chrono::milliseconds wait = patience) {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, static_cast<int>(wait.count())) <= 0) {
      timed_out_ = true;
      return false;
    }
    char buffer[65536];
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) {
      ended_ = true;
      return false;
    }
    in_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }
  // True when the server closes (and sends nothing that is not read yet).
  bool closed_by_server() {
    while (receive()) {
    }
    return ended_;
  }
  const std::string& buffered() const { return in_; }
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(in_, {});
  }

  // One answer, by its framing. `head_only` for answers to HEAD.
  Answer answer(bool head_only = false) {
    Answer out;
    std::size_t end = 0;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return out;
    }
    out.head = in_.substr(0, end + 4);
    in_.erase(0, end + 4);
    const int status = std::stoi(out.head.substr(9, 3));
    if (status >= 200 && status != 204 && status != 304 && !head_only) {
      const auto length = out.head.find("content-length: ");
      if (length != std::string::npos) {
        const auto n = std::stoull(out.head.substr(length + 16));
        while (in_.size() < n) {
          if (!receive()) return out;
        }
        out.body = in_.substr(0, n);
        in_.erase(0, n);
      } else if (out.has("transfer-encoding: chunked")) {
        while (true) {
          const auto chunk = next_chunk();
          if (!chunk) return out;
          if (chunk->empty()) break;
          out.body += *chunk;
        }
      } else {
        out.body = read_all();
      }
    }
    out.status = status;
    return out;
  }
  // The data of one chunk; empty for the last one.
  std::optional<std::string> next_chunk() {
    std::size_t line = 0;
    while ((line = in_.find("\r\n")) == std::string::npos) {
      if (!receive()) return std::nullopt;
    }
    const auto size = std::stoull(in_.substr(0, line), nullptr, 16);
    while (in_.size() < line + 2 + size + 2) {
      if (!receive()) return std::nullopt;
    }
    auto data = in_.substr(line + 2, size);
    in_.erase(0, line + 2 + size + 2);
    return data;
  }

  Answer ask(std::string_view request) {
    send(request);
    return answer(request.starts_with("HEAD"));
  }
  bool timed_out() const { return timed_out_; }

private:
  int fd_ = -1;
  bool connected_ = false, ended_ = false, timed_out_ = false;
  std::string in_;
};

inline std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
}
inline std::string post(const std::string& path, const std::string& body,
                        const std::string& fields = "") {
  return "POST " + path +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         fields + "\r\n" + body;
}

inline Route route(std::string method, std::string pattern, Handler handler) {
  Route r;
  r.method = std::move(method);
  r.pattern = std::move(pattern);
  r.handler = std::move(handler);
  return r;
}
inline Response text(std::string body, int status = 200) {
  Response r;
  r.status = status;
  r.content_type = "text/plain";
  r.body = std::move(body);
  return r;
}
// GET /hello -> "hello"; POST /echo -> the body.
inline std::vector<Route> trivial_routes() {
  return {route("GET", "/hello", [](auto, auto answer) { answer.fulfil(text("hello")); }),
          route("POST", "/echo",
                [](auto request, auto answer) { answer.fulfil(text(request->body)); })};
}

} // namespace graphrag::gateway::testing_http
