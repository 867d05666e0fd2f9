#pragma once
// Accepts connections, within the limits. Over a limit it still accepts, says 503 and closes, so
// that the client hears why; a few such goodbyes wait for the client at a time. Out of descriptors,
// it pauses and tries again.
#include <chrono>
#include <memory>
#include <set>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/http/session.hpp"

namespace graphrag::gateway {

class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
  Acceptor(boost::asio::io_context& io, std::shared_ptr<ServerCore> core,
           boost::asio::ip::tcp::acceptor listening);
  // From any thread.
  void start();
  void stop();

private:
  void accept();
  void on_accept(boost::system::error_code error, Socket socket);
  void back_off();
  void turn_away(Socket socket, bool client_full);

  static constexpr std::size_t max_goodbyes = 64;

  boost::asio::io_context& io_;
  Strand strand_;
  std::shared_ptr<ServerCore> core_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::chrono::milliseconds pause_for_{0};
  std::shared_ptr<std::atomic<std::size_t>> goodbyes_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  bool stopped_ = false;
};

} // namespace graphrag::gateway
