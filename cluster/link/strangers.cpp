#include "cluster/link/strangers.hpp"

#include <algorithm>

namespace graphrag::cluster {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using runtime::Errc;
using runtime::fail;

runtime::Status Strangers::bind(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return fail(Errc::invalid_argument, address + " is no address to listen on");
  const tcp::endpoint endpoint{parsed, port};
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return fail(Errc::unavailable,
                "cannot listen on port " + std::to_string(port) + ": " + error.message());
  port_ = acceptor_.local_endpoint(error).port();
  return {};
}

void Strangers::start(Make make, std::function<void()> evicted) {
  make_ = std::move(make);
  evicted_ = std::move(evicted);
  accept();
}

void Strangers::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

bool Strangers::forget(const Connection& connection) {
  const auto at = std::find_if(waiting_.begin(), waiting_.end(),
                               [&](const auto& one) { return one.get() == &connection; });
  if (at == waiting_.end()) return false;
  waiting_.erase(at);
  return true;
}

void Strangers::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      take(std::move(socket));
      return accept();
    }
    pause_.expires_after(std::chrono::milliseconds{50}); // out of descriptors, most likely
    pause_.async_wait([this](error_code canceled) {
      if (!canceled && acceptor_.is_open()) accept();
    });
  });
}

void Strangers::take(tcp::socket socket) {
  if (waiting_.size() >= most_) {
    const auto oldest = waiting_.front();
    oldest->end({Errc::overloaded, "too many strangers"}, true); // which forgets it
    evicted_();
  }
  if (auto connection = make_(std::move(socket))) {
    waiting_.push_back(connection);
    connection->start();
  }
}

} // namespace graphrag::cluster
