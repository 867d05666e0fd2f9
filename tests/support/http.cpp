#include "tests/support/http.hpp"

#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "tests/support/network_namespace.hpp"

namespace graphrag::test {
namespace beast = boost::beast;
namespace http = beast::http;
namespace asio = boost::asio;

struct HttpClient::Connection {
  asio::io_context io;
  beast::tcp_stream stream{io};
  beast::flat_buffer buffer;

  beast::error_code result;

  // Runs one asynchronous operation to its end, so that the stream's deadline holds.
  template <class Start>
  bool run(Start start) {
    result = asio::error::would_block;
    start([&](beast::error_code error) { result = error; });
    io.restart();
    io.run();
    return !result;
  }
};

HttpClient::HttpClient(Address server, std::chrono::milliseconds deadline)
    : server_(server), deadline_(deadline) {}
HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::no_answer(const char* where) {
  HttpAnswer answer;
  answer.error = where + connection_->result.message();
  connection_.reset();
  return answer;
}

HttpAnswer HttpClient::request(const std::string& method, const std::string& target,
                               const std::string& body,
                               const std::map<std::string, std::string>& headers) {
  bool fresh = !connection_;
  if (fresh) {
    connection_ = std::make_unique<Connection>();
    connection_->stream.expires_after(deadline_);
    asio::ip::tcp::endpoint server{asio::ip::address_v4::loopback(), server_.port};
    {
      const InNamespace there{server_.network};
      connection_->stream.socket().open(server.protocol());
    }
    bool connected = connection_->run([&](auto done) {
      connection_->stream.async_connect(server, [done](beast::error_code error) { done(error); });
    });
    if (!connected) return no_answer("connect: ");
  }
  http::request<http::string_body> message;
  message.method_string(method);
  message.target(target);
  message.version(11);
  message.set(http::field::host, "127.0.0.1");
  for (const auto& [name, value] : headers) message.set(name, value);
  message.body() = body;
  message.prepare_payload();
  http::response_parser<http::string_body> parser;
  parser.body_limit(1ULL << 30);
  connection_->stream.expires_after(deadline_);
  bool answered = connection_->run([&](auto done) {
    http::async_write(connection_->stream, message,
                      [done](beast::error_code error, std::size_t) { done(error); });
  });
  answered = answered && connection_->run([&](auto done) {
    http::async_read(connection_->stream, connection_->buffer, parser,
                     [done](beast::error_code error, std::size_t) { done(error); });
  });
  if (!answered) return no_answer(fresh ? "new connection: " : "kept connection: ");
  HttpAnswer answer;
  answer.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    auto name = std::string(field.name_string());
    for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    answer.headers[name] = std::string(field.value());
  }
  answer.body = std::move(parser.get().body());
  if (!parser.get().keep_alive()) connection_.reset();
  return answer;
}

std::string multipart_file(const std::string& filename, const std::string& bytes,
                           std::string& content_type) {
  const std::string boundary = "----test-boundary-7MA4YWxkTrZu0gW";
  content_type = "multipart/form-data; boundary=" + boundary;
  return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
         filename + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + bytes + "\r\n--" +
         boundary + "--\r\n";
}

} // namespace graphrag::test
