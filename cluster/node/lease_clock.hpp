#pragma once
// The clock of leases: it goes on while the machine sleeps, as the database's clock does.
#include "cluster/link/link_clock.hpp"

namespace graphrag::cluster {

class LeaseClock final : public runtime::Clock {
public:
  runtime::SteadyTime now() const override { return link_now(); }
  std::int64_t wall_ms() const override { return runtime::SystemClock{}.wall_ms(); }
};

} // namespace graphrag::cluster
