#include "gateway/http/client_address.hpp"

#include <charconv>

#include "gateway/http/chars.hpp"

namespace graphrag::gateway {
namespace {

using boost::asio::ip::address;

address plain(const address& a) {
  if (a.is_v6() && a.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, a.to_v6());
  }
  return a;
}

template <class Bytes>
bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
    const unsigned n = std::min(bits, 8U);
    const auto mask = static_cast<unsigned char>(0xFF00U >> n);
    if ((a[i] & mask) != (b[i] & mask)) return false;
    bits -= n;
  }
  return true;
}

} // namespace

std::string client_key(const address& raw) {
  const auto a = plain(raw);
  if (a.is_v4()) return a.to_string();
  auto bytes = a.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return boost::asio::ip::make_address_v6(bytes).to_string();
}

std::optional<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks) {
  TrustedProxies out;
  for (const auto& text : networks) {
    const auto slash = text.find('/');
    boost::system::error_code error;
    const auto base = plain(boost::asio::ip::make_address(text.substr(0, slash), error));
    if (error) return std::nullopt;
    const unsigned whole = base.is_v4() ? 32 : 128;
    unsigned prefix = whole;
    if (slash != std::string::npos) {
      const char* last = text.data() + text.size();
      const auto [end, bad] = std::from_chars(text.data() + slash + 1, last, prefix);
      if (bad != std::errc{} || end != last || prefix > whole) return std::nullopt;
    }
    out.networks_.push_back({base, prefix});
  }
  return out;
}

bool TrustedProxies::contains(const address& raw) const {
  const auto a = plain(raw);
  for (const auto& network : networks_) {
    if (network.address.is_v4() != a.is_v4()) continue;
    if (a.is_v4()
            ? same_prefix(a.to_v4().to_bytes(), network.address.to_v4().to_bytes(), network.prefix)
            : same_prefix(a.to_v6().to_bytes(), network.address.to_v6().to_bytes(),
                          network.prefix)) {
      return true;
    }
  }
  return false;
}

std::optional<std::string> TrustedProxies::client_of(std::string_view forwarded_for) const {
  while (true) {
    const auto comma = forwarded_for.rfind(',');
    const auto last = trim_blank(comma == std::string_view::npos ? forwarded_for
                                                                 : forwarded_for.substr(comma + 1));
    boost::system::error_code error;
    const auto a = boost::asio::ip::make_address(std::string(last), error);
    if (error) return std::nullopt;
    if (!contains(a)) return plain(a).to_string();
    if (comma == std::string_view::npos) return std::nullopt;
    forwarded_for = forwarded_for.substr(0, comma);
  }
}

} // namespace graphrag::gateway
