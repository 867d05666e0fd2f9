#pragma once
// Sends many documents through _bulk and reads every answer line.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gateway/client/api.hpp"

namespace graphrag::client {

struct BulkOptions {
  ServerAddress server;
  std::string collection = "default";
  unsigned connections = 2;
  unsigned attempts = 5; // per line; a line without an answer, or refused for now, is sent again
  double rate = 0;       // documents per second over all connections; 0 = as fast as they are taken
};

struct BulkReport {
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  double seconds = 0;         // from the first byte to the last answer
  std::string first_failure;  // of a document, in words
  runtime::Status connection; // why lines are missing, if some are: ok + failed < lines
};

// `lines` are JSON documents {id, text, ...} without line ends; safe to repeat, as they have ids.
BulkReport bulk_load(const std::vector<std::string>& lines, const BulkOptions& options,
                     const std::function<void(std::uint64_t answered)>& on_progress);

} // namespace graphrag::client
