#include "bench/http/bare_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace graphrag::bench {
namespace {

namespace http = boost::beast::http;
using tcp = boost::asio::ip::tcp;
using Socket = boost::asio::basic_stream_socket<tcp, boost::asio::io_context::executor_type>;

class Connection : public std::enable_shared_from_this<Connection> {
public:
  Connection(Socket socket, const std::string& body) : socket_(std::move(socket)), body_(body) {
    socket_.set_option(tcp::no_delay(true));
  }
  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                       if (!error) self->write();
                     });
  }

private:
  void write() {
    response_ = {http::status::ok, request_.version()};
    response_.keep_alive(request_.keep_alive());
    response_.set(http::field::content_type, "application/json");
    response_.body() = body_;
    response_.prepare_payload();
    http::async_write(socket_, response_,
                      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                        if (!error && self->request_.keep_alive()) self->read();
                      });
  }

  Socket socket_;
  const std::string& body_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

} // namespace

struct BareServer::Impl : std::enable_shared_from_this<Impl> {
  Impl(boost::asio::io_context& io, std::string b)
      : io(io), acceptor(io, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}),
        body(std::move(b)) {}
  void accept() {
    acceptor.async_accept(io.get_executor(), [self = shared_from_this()](
                                                 boost::system::error_code error, Socket socket) {
      if (error) return;
      std::make_shared<Connection>(std::move(socket), self->body)->read();
      self->accept();
    });
  }
  boost::asio::io_context& io;
  tcp::acceptor acceptor;
  const std::string body;
};

BareServer::BareServer(boost::asio::io_context& io, std::string body)
    : impl_(std::make_shared<Impl>(io, std::move(body))) {
  impl_->accept();
}
BareServer::~BareServer() = default;
std::uint16_t BareServer::port() const { return impl_->acceptor.local_endpoint().port(); }

} // namespace graphrag::bench
