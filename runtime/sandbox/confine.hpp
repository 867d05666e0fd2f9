#pragma once
// How a child gives up, step by step, all that a parser does not need. Called once, in a process
// with a single thread.
#include <string>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/sandbox/wire.hpp"

namespace graphrag::runtime::sandbox {

// Before any library is prepared: closes every descriptor above the channel, dies with the
// parent, cannot be traced or dumped, keeps no capability, and gets its limits.
Status shed_privileges(const ChildSetup& setup);

// The walls: Landlock when the kernel has it, then the system call filter. Standard error goes to
// /dev/null first, since a parser's message can quote the document. Returns the version of
// Landlock in force, 0 for none.
Result<int> raise_walls(const ChildSetup& setup, const std::vector<std::string>& readable);

} // namespace graphrag::runtime::sandbox
