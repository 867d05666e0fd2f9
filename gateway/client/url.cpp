#include "gateway/client/url.hpp"

#include <charconv>

namespace graphrag::client {
namespace {

runtime::Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    return runtime::fail(runtime::Errc::invalid_argument, "'" + std::string{text} + "' is no port");
  return port;
}

} // namespace

runtime::Result<Url> parse_url(std::string_view text) {
  auto bad = [&](const char* why) {
    return runtime::fail(runtime::Errc::invalid_argument, "'" + std::string{text} + "': " + why);
  };
  auto rest = text;
  if (rest.starts_with("https://"))
    return bad("this client speaks plain HTTP only; use an http:// address");
  if (!rest.starts_with("http://")) return bad("an address begins with http://");
  rest.remove_prefix(7);
  Url url;
  auto slash = rest.find('/');
  auto authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) url.base = rest.substr(slash);
  while (url.base.ends_with('/')) url.base.pop_back();
  if (url.base.find_first_of("?# \r\n") != std::string::npos)
    return bad("no '?', '#' or space is allowed");
  std::string_view port;
  if (authority.starts_with('[')) {
    auto close = authority.find(']');
    if (close == std::string_view::npos) return bad("']' is missing");
    url.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
  } else {
    auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (url.host.empty() || url.host.find_first_of("@ \r\n") != std::string::npos)
    return bad("there is no host in it");
  if (port.empty()) return url;
  if (!port.starts_with(':')) return bad("a port comes after ':'");
  auto number = parse_port(port.substr(1));
  if (!number) return tl::unexpected(number.error());
  url.port = *number;
  return url;
}

std::string to_string(const Url& url) {
  bool v6 = url.host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port) +
         url.base;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view unreserved = "-._~";
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 unreserved.find(static_cast<char>(c)) != std::string_view::npos;
    if (plain)
      out.push_back(static_cast<char>(c));
    else
      out.append({'%', hex[c >> 4], hex[c & 15]});
  }
  return out;
}

} // namespace graphrag::client
