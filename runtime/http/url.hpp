#pragma once
// Addresses of other people's servers: http and https only.
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace graphrag::runtime::http {

struct Url {
  bool tls = false;
  std::string host; // lower-case name or IP address, IPv6 without brackets
  std::uint16_t port = 80;
  std::string target = "/"; // path and query; may hold a key, so it is never shown

  bool operator==(const Url&) const = default;
};

// "https://host[:port][/path][?query]"; a fragment is dropped. User info, other schemes, spaces and
// bytes outside of ASCII are an invalid_argument. The error says why and never repeats the text,
// since keys are sometimes written into addresses.
runtime::Result<Url> parse_url(std::string_view text);

// Where a redirect leads: `location` is absolute or relative to `base` (RFC 3986, 5.2).
runtime::Result<Url> follow(const Url& base, std::string_view location);

// "https://host:port": what errors, logs and the pool of connections know of an address.
std::string origin(const Url& url);

// The Host header: the port only when it is not the scheme's own, IPv6 in brackets.
std::string authority(const Url& url);

} // namespace graphrag::runtime::http
