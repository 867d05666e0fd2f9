#include "runtime/sandbox/spawn.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace graphrag::runtime::sandbox {
namespace {

tl::unexpected<Error> failed(const char* what, int error) {
  return fail(Errc::unavailable, std::string(what) + ": " + std::strerror(error));
}

// A copy of the descriptor that is out of the way of the child's 0..3.
UniqueFd moved_up(int fd) { return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 16)); }

class FileActions {
public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

private:
  posix_spawn_file_actions_t actions_;
};

class Attributes {
public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    // An own process group: Ctrl-C at the server's terminal is not the parsers' business.
    ::posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
  }
  Attributes(const Attributes&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  posix_spawnattr_t* get() { return &attributes_; }

private:
  posix_spawnattr_t attributes_;
};

} // namespace

Result<SpawnedChild> spawn_child(const std::string& executable,
                                 const std::vector<std::string>& arguments, ChildSetup setup) {
  int sockets[2], pipes[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return failed("socketpair", errno);
  UniqueFd ours(sockets[0]);
  const UniqueFd low(sockets[1]);
  if (::pipe2(pipes, O_CLOEXEC | O_NONBLOCK) != 0) return failed("pipe2", errno);
  UniqueFd errors(pipes[0]);
  const UniqueFd low_errors(pipes[1]);
  UniqueFd theirs = moved_up(low.get()), their_errors = moved_up(low_errors.get());
  if (!theirs || !their_errors) return failed("fcntl", errno);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);

  setup.parent = ::getpid();
  if (::send(ours.get(), &setup, sizeof setup, MSG_NOSIGNAL) != ssize_t{sizeof setup})
    return failed("send", errno);

  FileActions actions;
  auto* list = actions.get();
  int status = ::posix_spawn_file_actions_addopen(list, STDIN_FILENO, "/dev/null", O_RDWR, 0);
  if (status == 0) status = ::posix_spawn_file_actions_adddup2(list, STDIN_FILENO, STDOUT_FILENO);
  if (status == 0)
    status = ::posix_spawn_file_actions_adddup2(list, their_errors.get(), STDERR_FILENO);
  if (status == 0) status = ::posix_spawn_file_actions_adddup2(list, theirs.get(), channel_fd);
  if (status == 0) status = ::posix_spawn_file_actions_addclosefrom_np(list, channel_fd + 1);
  if (status != 0) return failed("posix_spawn_file_actions", status);

  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  char locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC0"; // this form needs no file
  char* environment[] = {locale, zone, nullptr};
  SpawnedChild child;
  Attributes attributes;
  status = ::posix_spawn(&child.pid, executable.c_str(), list, attributes.get(), argv.data(),
                         environment);
  if (status != 0) return failed(executable.c_str(), status);
  child.ended = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.ended) {
    const int error = errno;
    ::kill(child.pid, SIGKILL);
    reap(child.pid);
    return failed("pidfd_open", error);
  }
  child.channel = std::move(ours);
  child.errors = std::move(errors);
  return child;
}

std::string read_errors(const UniqueFd& errors) {
  char buffer[4096];
  const ssize_t got = ::read(errors.get(), buffer, sizeof buffer);
  std::string text(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

Exit reap(pid_t pid) {
  int status = 0;
  pid_t got = 0;
  do got = ::waitpid(pid, &status, 0);
  while (got < 0 && errno == EINTR);
  if (got != pid) return Exit{exit_startup, 0};
  if (WIFSIGNALED(status)) return Exit{0, WTERMSIG(status)};
  return Exit{WEXITSTATUS(status), 0};
}

} // namespace graphrag::runtime::sandbox
