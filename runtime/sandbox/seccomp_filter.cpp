#include "runtime/sandbox/seccomp_filter.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/sandbox/wire.hpp"

namespace graphrag::runtime::sandbox {
namespace {

constexpr int always[] = {
    // descriptors that are already open, and facts about files
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(lseek), SCMP_SYS(close),
    SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(getdents64),
    SCMP_SYS(fstatfs), SCMP_SYS(fadvise64), SCMP_SYS(poll), SCMP_SYS(ppoll),
    // memory and locks
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex),
    SCMP_SYS(membarrier), SCMP_SYS(rseq), SCMP_SYS(set_robust_list),
    // own signal handling and end
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
    // time, chance and facts about the process
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(times), SCMP_SYS(getrusage),
    SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getcpu),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getrlimit)};

// Harmless questions that libraries ask and can do without: they get an error, not a signal.
struct Refused {
  int call;
  int error;
};
constexpr Refused refused[] = {{SCMP_SYS(ioctl), ENOTTY},      {SCMP_SYS(readlink), EACCES},
                               {SCMP_SYS(readlinkat), EACCES}, {SCMP_SYS(getcwd), EACCES},
                               {SCMP_SYS(statfs), EACCES},     {SCMP_SYS(prctl), EINVAL}};

class Filter {
public:
  Filter() : context_(seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release) {}

  // The first failure is kept; later calls do nothing.
  template <class... Args>
  void rule(std::uint32_t action, int call, Args... conditions) {
    if (!context_) status_ = -ENOMEM;
    if (status_ != 0) return;
    const scmp_arg_cmp list[] = {conditions..., scmp_arg_cmp{}};
    status_ = seccomp_rule_add_array(context_.get(), action, call, sizeof...(Args), list);
  }
  template <class... Args>
  void allow(int call, Args... conditions) {
    rule(SCMP_ACT_ALLOW, call, conditions...);
  }
  int load() {
    if (status_ == 0)
      status_ = seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    return status_ == 0 ? seccomp_load(context_.get()) : status_;
  }

private:
  std::unique_ptr<void, decltype(&seccomp_release)> context_;
  int status_ = 0;
};

scmp_arg_cmp equals(unsigned arg, std::uint64_t value) {
  return scmp_arg_cmp{arg, SCMP_CMP_EQ, value, 0};
}
scmp_arg_cmp at_most(unsigned arg, std::uint64_t value) {
  return scmp_arg_cmp{arg, SCMP_CMP_LE, value, 0};
}
scmp_arg_cmp without(unsigned arg, std::uint64_t bits) {
  return scmp_arg_cmp{arg, SCMP_CMP_MASKED_EQ, bits, 0};
}

} // namespace

Status load_seccomp_filter(int channel, bool may_open) {
  Filter filter;
  for (const int call : always) filter.allow(call);
  for (const auto& [call, error] : refused)
    filter.rule(SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), call);

  const auto fd = static_cast<std::uint64_t>(channel);
  if (sanitized) {
    for (const int call : {SCMP_SYS(write), SCMP_SYS(pipe), SCMP_SYS(pipe2)}) filter.allow(call);
  } else {
    filter.allow(SCMP_SYS(write), at_most(0, fd));
  }
  filter.allow(SCMP_SYS(writev), at_most(0, fd));
  filter.allow(SCMP_SYS(recvmsg), equals(0, fd));
  filter.allow(SCMP_SYS(mmap), without(2, PROT_EXEC));
  filter.allow(SCMP_SYS(mprotect), without(2, PROT_EXEC));
  for (const int command : {F_GETFD, F_SETFD, F_GETFL})
    filter.allow(SCMP_SYS(fcntl), equals(1, static_cast<std::uint64_t>(command)));
  filter.allow(SCMP_SYS(prlimit64), equals(2, 0)); // ask, not set
  // abort() signals its own thread.
  filter.allow(SCMP_SYS(tgkill), equals(0, static_cast<std::uint64_t>(::getpid())));

  if (may_open) {
    constexpr std::uint64_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    filter.allow(SCMP_SYS(open), without(1, writing));
    filter.allow(SCMP_SYS(openat), without(2, writing));
  } else {
    filter.rule(SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open));
    filter.rule(SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat));
  }
  if (const int status = filter.load(); status != 0)
    return fail(Errc::unavailable, std::string("seccomp: ") + std::strerror(-status));
  return {};
}

} // namespace graphrag::runtime::sandbox
