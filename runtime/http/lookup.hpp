#pragma once
// Name look-up under a deadline. The system's resolver cannot be interrupted, so it runs on a
// thread that is left behind when the deadline passes.
#include <functional>
#include <string>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/http/message.hpp"

namespace graphrag::runtime::http {

using Lookup = std::function<std::vector<std::string>(const std::string& host)>;

// The system's resolver (getaddrinfo). Blocks.
std::vector<std::string> system_lookup(const std::string& host);

// Most look-ups at once in this process, those left behind included.
inline constexpr int max_lookups = 32;

// At least one address. A literal address is its own answer. `where` names the server in errors:
// unavailable, timeout, canceled, overloaded.
Result<std::vector<std::string>> find_addresses(const std::string& host, const Lookup& lookup,
                                                const Until& until, const std::string& where);

} // namespace graphrag::runtime::http
