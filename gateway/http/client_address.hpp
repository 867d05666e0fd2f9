#pragma once
// Who a connection comes from: the unit of the limit per client, and the proxies that may say that
// they speak for somebody else. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace graphrag::gateway {

// An IPv4 address, or the /64 of an IPv6 address: one client owns a whole /64.
std::string client_key(const boost::asio::ip::address& address);

class TrustedProxies {
public:
  // Addresses or networks; nothing when one of them is neither.
  static std::optional<TrustedProxies> parse(const std::vector<std::string>& networks);
  bool contains(const boost::asio::ip::address& address) const;
  // The nearest address of X-Forwarded-For that is not itself a trusted proxy.
  std::optional<std::string> client_of(std::string_view forwarded_for) const;

private:
  struct Network {
    boost::asio::ip::address address;
    unsigned prefix;
  };
  std::vector<Network> networks_;
};

} // namespace graphrag::gateway
