#pragma once
// The yardstick: the smallest asynchronous keep-alive server that Beast's own read and write give.
// No limits, no deadlines, no routes.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

namespace graphrag::bench {

class BareServer {
public:
  BareServer(boost::asio::io_context& io, std::string body);
  ~BareServer();
  std::uint16_t port() const;

private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

} // namespace graphrag::bench
