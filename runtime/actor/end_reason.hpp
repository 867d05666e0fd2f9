#pragma once
// Why an actor ended, as its supervisor sees it: the values that travel in CAF's error.
#include <cstdint>
#include <string>

#include <caf/error.hpp>

namespace graphrag::runtime {

enum class EndKind : std::uint8_t {
  normal,     // finished its work
  shutdown,   // was asked to end
  dependency, // ended since something it needs is away: to be paused, not counted as a crash
  abnormal,   // anything else
};

caf::error crash_reason(std::string what);      // abnormal, with a sentence for a person
caf::error dependency_reason(std::string what); // what it waits for
caf::error gave_up_reason(std::string what);    // a supervisor over its restart intensity

EndKind kind_of_end(const caf::error& reason);
// One line for logs and the supervision tree.
std::string describe_end(const caf::error& reason);

} // namespace graphrag::runtime
