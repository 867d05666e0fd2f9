#pragma once
// A request in sealed memory that a child can map but nobody can change any more.
#include <cstdint>
#include <string_view>

#include "runtime/error.hpp"
#include "runtime/unique_fd.hpp"

namespace graphrag::runtime::sandbox {

struct RequestMemory {
  UniqueFd fd;
  std::uint64_t bytes = 0;
};

// Copies head and body. Errors: io (no memory, no descriptors).
Result<RequestMemory> make_request_memory(std::string_view head, std::string_view body);

// Sends the request's head with the memory attached. False when the other side is gone.
bool send_request(const UniqueFd& channel, const RequestMemory& memory);

} // namespace graphrag::runtime::sandbox
