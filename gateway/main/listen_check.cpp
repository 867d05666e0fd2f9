#include "gateway/main/listen_check.hpp"

#include <utility> // Asio 1.74 needs it before its own headers in C++20

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace graphrag {
namespace {

using boost::asio::ip::tcp;
using runtime::Errc;

// Bound as the listener will be, but never listening: no client takes it for a server.
runtime::Status try_address(const runtime::ListenAddress& where) {
  boost::system::error_code error;
  boost::asio::io_context io;
  tcp::acceptor socket{io};
  const tcp::endpoint endpoint{boost::asio::ip::make_address(where.host, error), where.port};
  if (!error) socket.open(endpoint.protocol(), error);
  if (!error) socket.set_option(boost::asio::socket_base::reuse_address(true), error);
  if (!error) socket.bind(endpoint, error);
  if (!error) return {};
  const auto code = error == boost::asio::error::address_in_use  ? Errc::already_exists
                    : error == boost::asio::error::access_denied ? Errc::invalid_argument
                                                                 : Errc::io;
  return runtime::fail(code, "cannot listen on " + to_string(where) + ": " + error.message());
}

} // namespace

runtime::Status can_listen(const runtime::Config& config) {
  std::vector<runtime::ListenAddress> all{config.listen, config.admin_listen};
  if (!config.cluster.id.empty()) all.push_back(config.cluster.listen);
  for (const auto& where : all)
    if (auto ok = try_address(where); !ok) return ok;
  return {};
}

} // namespace graphrag
