#pragma once
// Opens TCP connections to one peer, one attempt at a time. Never blocks the link's thread: names
// are looked up on a thread of their own, which is left behind when the deadline passes. On the
// link's thread.
#include <functional>
#include <memory>
#include <utility> // Asio 1.74 needs it in C++20

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cluster/link/link_options.hpp"
#include "runtime/error.hpp"

namespace graphrag::cluster {

class Dialer : public std::enable_shared_from_this<Dialer> {
public:
  using Done = std::function<void(runtime::Result<boost::asio::ip::tcp::socket>)>;

  Dialer(std::shared_ptr<boost::asio::io_context> io, PeerAddress peer)
      : io_(std::move(io)), peer_(std::move(peer)), socket_(*io_), deadline_(*io_) {}

  // Calls back once, on the link's thread; a name's addresses are tried in turn, one an attempt.
  void dial(std::chrono::milliseconds within, Done done);
  // The attempt under way is not called back.
  void cancel();

private:
  void look_up();
  void connect(std::uint64_t attempt, const std::vector<std::string>& addresses);
  void finish(runtime::Status status);

  std::shared_ptr<boost::asio::io_context> io_;
  PeerAddress peer_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer deadline_;
  Done done_; // empty: no attempt under way
  std::uint64_t attempt_ = 0;
  bool looking_up_ = false;
};

} // namespace graphrag::cluster
