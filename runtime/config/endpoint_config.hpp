#pragma once
// What the configuration says of one OpenAI-compatible endpoint: the keys that every section of a
// model has. Off without an address.
#include <chrono>
#include <cstdint>
#include <string>

namespace graphrag::runtime {

struct EndpointConfig {
  std::string url, model, key, ca_file;
  std::chrono::milliseconds timeout{60'000}; // of one call with its retries, unless said otherwise
  std::uint32_t max_calls = 4;               // at once
  std::uint64_t tokens_per_day = 0;          // of a collection; 0 = no limit
};

} // namespace graphrag::runtime
