#include "runtime/sandbox/confine.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/sandbox/landlock.hpp"
#include "runtime/sandbox/seccomp_filter.hpp"
#include "runtime/unique_fd.hpp"

namespace graphrag::runtime::sandbox {
namespace {

tl::unexpected<Error> failed(const char* what) {
  return fail(Errc::io, std::string(what) + ": " + std::strerror(errno));
}

bool limit(__rlimit_resource resource, rlim_t soft, rlim_t hard) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  const rlimit wanted{std::min(soft, now.rlim_max), std::min(hard, now.rlim_max)};
  return ::setrlimit(resource, &wanted) == 0;
}

Status set_limits(const ChildSetup& setup) {
  bool done = limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_FSIZE, 0, 0) && limit(RLIMIT_NPROC, 0, 0) &&
              limit(RLIMIT_MEMLOCK, 0, 0) && limit(RLIMIT_MSGQUEUE, 0, 0) &&
              limit(RLIMIT_NOFILE, setup.open_files, setup.open_files) &&
              limit(RLIMIT_CPU, setup.cpu_seconds, setup.cpu_seconds + 1);
  if (setup.address_space != 0 && !sanitized)
    done = done && limit(RLIMIT_AS, setup.address_space, setup.address_space);
  if (!done) return failed("setrlimit");
  return {};
}

Status drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  if (::syscall(SYS_capset, &header, none) != 0) return failed("capset");
  return {};
}

// When memory is short on the whole machine, the kernel should take the parser, not the server.
void offer_to_oom_killer() {
  const UniqueFd file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (!file) return;
  [[maybe_unused]] const auto written = ::write(file.get(), "1000", 4);
}

} // namespace

Status shed_privileges(const ChildSetup& setup) {
  if (::syscall(SYS_close_range, channel_fd + 1, ~0U, 0) != 0) return failed("close_range");
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return failed("PR_SET_PDEATHSIG");
  if (::getppid() != setup.parent) return fail(Errc::canceled, "the parent is gone");
  offer_to_oom_killer();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("PR_SET_NO_NEW_PRIVS");
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return failed("PR_SET_DUMPABLE");
  if (auto dropped = drop_capabilities(); !dropped) return dropped;
  return set_limits(setup);
}

Result<int> raise_walls(const ChildSetup& setup, const std::vector<std::string>& readable) {
  const int abi = setup.use_landlock != 0 ? landlock_abi() : 0;
  if (abi > 0) {
    if (auto restricted = landlock_restrict(abi, readable); !restricted)
      return tl::unexpected(restricted.error());
  }
  if (::dup2(STDIN_FILENO, STDERR_FILENO) < 0) return failed("dup2");
  if (auto loaded = load_seccomp_filter(channel_fd, abi > 0); !loaded)
    return tl::unexpected(loaded.error());
  return abi;
}

} // namespace graphrag::runtime::sandbox
