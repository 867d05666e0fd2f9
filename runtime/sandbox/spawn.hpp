#pragma once
// Starts a child of the same binary that shares nothing with this process but one socket.
#include <string>
#include <sys/types.h>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/sandbox/wire.hpp"
#include "runtime/unique_fd.hpp"

namespace graphrag::runtime::sandbox {

struct SpawnedChild {
  pid_t pid = -1;
  UniqueFd ended;   // pidfd: readable once the process has ended; the caller reaps it
  UniqueFd channel; // non-blocking
  UniqueFd errors;  // non-blocking; what it said on stderr before its walls were up
};

// `command` is the file to execute and the arguments from argv[0] on. The child's environment has
// only LC_ALL and TZ, and all its descriptors but 0-2 and the channel are closed. It dies with the
// calling thread. `setup` is sent to it, with this process as its parent.
Result<SpawnedChild> spawn_child(const std::string& executable,
                                 const std::vector<std::string>& arguments, ChildSetup setup);

// At most 4 KiB of what the child said, as one line without control characters.
std::string read_errors(const UniqueFd& errors);

// How a reaped process ended.
struct Exit {
  int code = 0;   // exit code, when signal is 0
  int signal = 0; // that ended it
};
// The process must have ended (its pidfd is readable) and must be a child of this process.
Exit reap(pid_t pid);

} // namespace graphrag::runtime::sandbox
