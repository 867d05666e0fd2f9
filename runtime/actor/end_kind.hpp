#pragma once
// How an actor ended, as far as its supervisor's decision goes.
#include <cstdint>

namespace graphrag::runtime {

enum class EndKind : std::uint8_t {
  normal,     // finished its work
  shutdown,   // was asked to end
  dependency, // ended since something it needs is away: to be paused, not counted as a crash
  abnormal,   // anything else
};

} // namespace graphrag::runtime
