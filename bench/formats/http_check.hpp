#pragma once
// The files sent to a running server, as a client would.
#include "bench/formats/truth.hpp"

namespace graphrag::bench {

// Uploads each file into a collection of its own making, waits until it is searchable or refused,
// and asks for its phrase in keyword mode; the collection is deleted at the end. Times run from
// the first byte sent to searchable. False when the server was not reached: `report` ends there.
bool check_over_http(const std::string& url, const std::filesystem::path& root, const Truth& truth,
                     Report& report);

} // namespace graphrag::bench
