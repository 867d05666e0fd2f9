#pragma once
// The link's time: it goes on while the machine sleeps, as the peers' time does.
#include <ctime>

#include "runtime/clock.hpp"

namespace graphrag::cluster {

inline runtime::SteadyTime link_now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return runtime::SteadyTime{std::chrono::seconds{now.tv_sec} +
                             std::chrono::nanoseconds{now.tv_nsec}};
}

} // namespace graphrag::cluster
