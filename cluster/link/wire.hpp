#pragma once
// A byte stream to a peer, secured or not, and who makes them: the seam between the link and TLS.
// Internal to the link; one thread. A handler is called exactly once, never inside the call.
#include <functional>
#include <memory>
#include <string>
#include <utility> // Asio 1.74 needs it in C++20

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace graphrag::cluster {

class Wire {
public:
  using Done = std::function<void(boost::system::error_code)>;
  using Moved = std::function<void(boost::system::error_code, std::size_t)>;

  virtual ~Wire() = default;
  virtual boost::asio::ip::tcp::socket& socket() = 0;
  virtual void shake_hands(Done done) = 0; // before the first read or write
  virtual void read_some(boost::asio::mutable_buffer into, Moved moved) = 0;
  virtual void write(boost::asio::const_buffer all, Moved moved) = 0;
  // After the handshake: the peer has proved to be `name`.
  virtual bool peer_is(const std::string& name) = 0;
};

// Makes wires over sockets; called on the link's thread.
class WireMaker {
public:
  virtual ~WireMaker() = default;
  virtual std::unique_ptr<Wire> accept(boost::asio::ip::tcp::socket socket) = 0;
  // The handshake fails when the peer does not prove to be `name`.
  virtual std::unique_ptr<Wire> dial(boost::asio::ip::tcp::socket socket,
                                     const std::string& name) = 0;
};

} // namespace graphrag::cluster
