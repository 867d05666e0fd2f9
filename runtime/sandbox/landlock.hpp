#pragma once
// File system and network rules by Landlock, without any privilege.
#include <string>
#include <vector>

#include "runtime/error.hpp"

namespace graphrag::runtime::sandbox {

// The version of Landlock that the kernel offers to this process; 0 when there is none.
int landlock_abi() noexcept;

// From now on this process may open files below `readable` for reading and nothing else: no
// execution, no change of any file, and (where the kernel can) no TCP bind or connect, no signal
// and no abstract socket out of the sandbox. Paths that do not exist are left out. Cannot be
// undone. Needs no_new_privs.
Status landlock_restrict(int abi, const std::vector<std::string>& readable);

} // namespace graphrag::runtime::sandbox
