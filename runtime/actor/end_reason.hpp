#pragma once
// Why an actor ended, as its supervisor sees it: the values that travel in CAF's error.
#include <string>

#include <caf/error.hpp>

#include "runtime/actor/end_kind.hpp"

namespace graphrag::runtime {

caf::error crash_reason(std::string what);      // abnormal, with a sentence for a person
caf::error dependency_reason(std::string what); // what it waits for
caf::error gave_up_reason(std::string what);    // a supervisor over its restart intensity

bool is_gave_up(const caf::error& reason);
EndKind kind_of_end(const caf::error& reason);
// One line for logs and the supervision tree.
std::string describe_end(const caf::error& reason);

} // namespace graphrag::runtime
