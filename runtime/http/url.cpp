#include "runtime/http/url.hpp"

#include <algorithm>
#include <charconv>

namespace graphrag::runtime::http {
namespace {

tl::unexpected<Error> bad(const char* why) {
  return fail(Errc::invalid_argument, std::string{"not a usable address: "} + why);
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// Host and port of "host:port" or "[v6]:port" into `url`.
Status read_authority(std::string_view text, Url& url) {
  if (text.find('@') != std::string_view::npos) return bad("user info is not allowed");
  const char* allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return bad("']' is missing");
    url.host = lower(text.substr(1, close - 1));
    port = text.substr(close + 1);
    allowed = "0123456789abcdef:.";
  } else {
    const auto colon = text.find(':');
    url.host = lower(text.substr(0, colon));
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (url.host.empty() || url.host.size() > 253) return bad("there is no host in it");
  if (url.host.find_first_not_of(allowed) != std::string::npos)
    return bad("the host holds a character that no host has");
  url.port = url.tls ? 443 : 80;
  if (port.empty()) return {};
  if (!port.starts_with(':')) return bad("a port comes after ':'");
  port.remove_prefix(1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (error != std::errc{} || end != port.data() + port.size() || url.port == 0)
    return bad("its port is no port");
  return {};
}

// RFC 3986, 5.2.4, for a path that begins with '/'.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto next = path.find('/', 1);
    const auto segment = path.substr(0, next);
    const bool last = next == std::string_view::npos;
    if (segment == "/..") {
      const auto cut = out.rfind('/');
      out.erase(cut == std::string::npos ? 0 : cut);
      if (last) out += '/';
    } else if (segment == "/.") {
      if (last) out += '/';
    } else {
      out += segment;
    }
    path = last ? std::string_view{} : path.substr(next);
  }
  return out.empty() ? "/" : out;
}

} // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.size() > 8192) return bad("it is too long");
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return bad("it begins with http:// or https://");
  const auto scheme = lower(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return bad("it begins with http:// or https://");
  url.tls = scheme == "https";
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  if (!printable_ascii(text)) return bad("a character in it must be percent-encoded");
  const auto slash = text.find_first_of("/?");
  if (auto read = read_authority(text.substr(0, slash), url); !read)
    return tl::unexpected(read.error());
  if (slash == std::string_view::npos) return url;
  url.target = text.substr(slash);
  if (url.target.front() == '?') url.target.insert(0, "/");
  return url;
}

Result<Url> follow(const Url& base, std::string_view location) {
  if (location.find("://") < location.find_first_of("/?#")) return parse_url(location);
  if (location.starts_with("//"))
    return parse_url((base.tls ? "https:" : "http:") + std::string{location});
  location = location.substr(0, location.find('#'));
  if (location.size() > 8192 || !printable_ascii(location))
    return bad("a redirect leads to something that is no address");
  const std::string_view old_path = std::string_view{base.target}.substr(0, base.target.find('?'));
  const auto query = location.find('?');
  const auto path = location.substr(0, query);
  auto url = base;
  if (path.empty())
    url.target = query == std::string_view::npos ? base.target : std::string{old_path};
  else if (path.starts_with('/'))
    url.target = without_dot_segments(path);
  else
    url.target = without_dot_segments(std::string{old_path.substr(0, old_path.rfind('/') + 1)} +
                                      std::string{path});
  if (query != std::string_view::npos) url.target += location.substr(query);
  return url;
}

std::string authority(const Url& url) {
  auto host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return url.port == (url.tls ? 443 : 80) ? host : host + ":" + std::to_string(url.port);
}

std::string origin(const Url& url) {
  const auto host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return (url.tls ? "https://" : "http://") + host + ":" + std::to_string(url.port);
}

} // namespace graphrag::runtime::http
