#pragma once
// The four forms of a request target (RFC 9112, 3.2) and the Host field. Pure.
#include <optional>
#include <string_view>

#include "gateway/http/strict_head.hpp"

namespace graphrag::gateway {

// Fills form, path and query of `head` from head.target; `authority` becomes the host of an
// absolute-form target, else empty.
std::optional<Refusal> check_target(Head& head, std::string_view& authority);

// A host with an optional port: a name, an IPv4 address or an IPv6 address in brackets.
bool valid_host(std::string_view value);

// Whether two authorities name the same place: case and the default port do not matter.
bool same_authority(std::string_view a, std::string_view b);

} // namespace graphrag::gateway
