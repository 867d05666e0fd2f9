#pragma once
// The list of system calls that a parser may make; any other kills the process with SIGSYS.
#include "runtime/error.hpp"

namespace graphrag::runtime::sandbox {

// Allows memory, time, and reading; writing only to descriptors up to `channel`; opening files
// only when `may_open`, and then only for reading (Landlock says which; without Landlock pass
// false: every open answers EACCES). Nothing becomes executable any more. Cannot be undone.
Status load_seccomp_filter(int channel, bool may_open);

} // namespace graphrag::runtime::sandbox
