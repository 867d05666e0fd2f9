#pragma once
// How much memory this process may have.
#include <cstdint>

namespace graphrag::runtime {

// Bytes: the limit of the control group (version 2) that the process is in, or the machine's memory
// where that is less. Never 0.
std::uint64_t machine_memory();

} // namespace graphrag::runtime
