#pragma once
// The seam between a question and the parts of its collection.
#include <span>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"

namespace graphrag::query::parts {

class PartPort {
public:
  virtual ~PartPort() = default;
  // Sends request i to part i, all before waiting for any, and blocks until every part has answered
  // or failed, at the latest at the deadline. Nothing is asked of parts whose request is empty, and
  // what stands in their place is not looked at. A part that is late is Errc::timeout.
  virtual std::vector<runtime::Result<std::string>> ask(std::span<const std::string> requests,
                                                        runtime::SteadyTime deadline) = 0;
  // Sends without waiting for an answer; may be lost. Empty ones as above.
  virtual void tell(std::span<const std::string> requests) noexcept = 0;
};

} // namespace graphrag::query::parts
