#pragma once
// Addresses of servers, and text inside of addresses.
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace graphrag::client {

struct Url {
  std::string host; // name or IP address, IPv6 without brackets
  std::uint16_t port = 80;
  std::string base; // path before every target: "" or "/graphrag"
};

// "http://host[:port][/base]". Anything else, https included, is an invalid_argument that says why:
// TLS ends at the ingress; a client inside speaks plain HTTP.
runtime::Result<Url> parse_url(std::string_view text);

std::string to_string(const Url& url);

// Encodes everything but unreserved characters, so that any id fits into a path or a query.
std::string percent_encode(std::string_view text);

} // namespace graphrag::client
