#include "bench/link/plain_wires.hpp"

#include "cluster/link/wire.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace graphrag::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class PlainWire final : public cluster::Wire {
public:
  explicit PlainWire(tcp::socket socket) : socket_(std::move(socket)) {}
  tcp::socket& socket() override { return socket_; }
  void shake_hands(Done done) override {
    asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
  }
  void read_some(asio::mutable_buffer into, Moved moved) override {
    socket_.async_read_some(into, std::move(moved));
  }
  void write(asio::const_buffer all, Moved moved) override {
    asio::async_write(socket_, all, std::move(moved));
  }
  bool peer_is(const std::string&) override { return true; }

private:
  tcp::socket socket_;
};

class PlainWires final : public cluster::WireMaker {
public:
  std::unique_ptr<cluster::Wire> accept(tcp::socket socket) override {
    return std::make_unique<PlainWire>(std::move(socket));
  }
  std::unique_ptr<cluster::Wire> dial(tcp::socket socket, const std::string&) override {
    return std::make_unique<PlainWire>(std::move(socket));
  }
};

} // namespace

std::shared_ptr<cluster::WireMaker> make_plain_wires() { return std::make_shared<PlainWires>(); }

} // namespace graphrag::bench
