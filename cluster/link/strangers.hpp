#pragma once
// Who knocks at the link's port: accepted connections that have not yet said who they are, so many
// at a time; one more evicts the oldest, so that a flood of idle clients keeps nobody out for long.
// On the link's thread.
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility> // Asio 1.74 needs it in C++20

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cluster/link/connection.hpp"

namespace graphrag::cluster {

class Strangers {
public:
  using Make = std::function<std::shared_ptr<Connection>(boost::asio::ip::tcp::socket)>;

  Strangers(boost::asio::io_context& io, std::size_t most)
      : acceptor_(io), pause_(io), most_(most) {}

  // Errors: invalid_argument (no such address), unavailable (the port).
  runtime::Status bind(const std::string& address, std::uint16_t port);
  std::uint16_t port() const noexcept { return port_; }

  // `make` may return nothing; `evicted` hears of each that had to go.
  void start(Make make, std::function<void()> evicted);
  void stop();
  // It is known now, or ended. False when it was none of ours.
  bool forget(const Connection& connection);
  std::vector<std::shared_ptr<Connection>> all() const {
    return {waiting_.begin(), waiting_.end()};
  }

private:
  void accept();
  void take(boost::asio::ip::tcp::socket socket);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  const std::size_t most_;
  std::uint16_t port_ = 0;
  Make make_;
  std::function<void()> evicted_;
  std::list<std::shared_ptr<Connection>> waiting_; // oldest first
};

} // namespace graphrag::cluster
