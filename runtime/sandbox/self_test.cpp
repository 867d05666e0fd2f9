#include "runtime/sandbox/self_test.hpp"

#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/socket.h>

#include "observability/log.hpp"
#include "runtime/sandbox/spawn.hpp"

namespace graphrag::runtime::sandbox {
namespace {

bool wait_readable(const UniqueFd& fd, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wanted{fd.get(), POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

tl::unexpected<Error> failed(const std::string& why) {
  return fail(Errc::unavailable, "self-test of the parsers' sandbox: " + why);
}

void report(const ParserProtection& protection) {
  using namespace observability;
  if (protection.landlock_abi == 0) {
    log_warn("parsers run without Landlock",
             {{"graphrag.missing", "landlock"},
              {"graphrag.effect", "seccomp refuses to open any file; PDFs that need character maps "
                                  "from disk lose text"}});
    return;
  }
  if (protection.landlock_abi < 4)
    log_warn("this kernel's Landlock has no network rules",
             {{"graphrag.missing", "landlock_network"},
              {"graphrag.effect", "seccomp alone refuses sockets"},
              {"graphrag.landlock_abi", std::int64_t{protection.landlock_abi}}});
  log_info("parsers are confined",
           {{"graphrag.seccomp", true},
            {"graphrag.landlock_abi", std::int64_t{protection.landlock_abi}}});
}

} // namespace

Result<ParserProtection> run_self_test(const ParserPoolOptions& options) {
  ChildSetup setup;
  setup.address_space = options.address_space;
  setup.cpu_seconds = options.cpu_seconds;
  setup.open_files = options.open_files;
  setup.use_landlock = options.use_landlock ? 1 : 0;
  setup.self_test = 1;
  const auto child = spawn_child(options.executable, options.arguments, setup);
  if (!child) return failed(child.error().detail);
  const bool ended = wait_readable(child->ended, options.start_deadline);
  if (!ended) ::kill(child->pid, SIGKILL);
  const Exit exit = reap(child->pid);
  if (!ended) return failed("the child did not end in time");

  Hello hello;
  const bool said =
      ::recv(child->channel.get(), &hello, sizeof hello, MSG_DONTWAIT) == ssize_t{sizeof hello} &&
      hello.magic == wire_magic;
  if (!said) {
    const std::string errors = read_errors(child->errors);
    return failed(!errors.empty() ? errors
                  : exit.signal != 0
                      ? "the child was killed by signal " + std::to_string(exit.signal)
                      : "the child ended with exit code " + std::to_string(exit.code));
  }
  if (hello.foreign_file_errno == 0) return failed("a child could open a foreign file");
  if (exit.signal != SIGSYS) return failed("a child could create a socket");
  const ParserProtection protection{hello.landlock_abi};
  if (options.require_landlock && protection.landlock_abi == 0)
    return failed("Landlock is required and this kernel has none");
  report(protection);
  return protection;
}

} // namespace graphrag::runtime::sandbox
