#include "gateway/main/local_postgres.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace graphrag {
namespace {

namespace fs = std::filesystem;
using runtime::Errc;
using runtime::fail;

constexpr int start_patience = 600; // tenths of a second
constexpr std::size_t longest_socket_path = 90;

std::string find_binaries() {
  std::string newest;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const auto bin = version.path() / "bin";
    if (fs::exists(bin / "initdb", ignored) && fs::exists(bin / "postgres", ignored))
      newest = std::max(newest, bin.string());
  }
  return newest;
}

struct User {
  ::uid_t user = 0;
  ::gid_t group = 0;
};

std::optional<User> server_user() {
  if (::geteuid() != 0) return User{::geteuid(), ::getegid()};
  const auto* entry = ::getpwnam("postgres");
  if (entry == nullptr) return std::nullopt;
  return User{entry->pw_uid, entry->pw_gid};
}

// Between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, const char* log, const User& user,
                         ::pid_t parent) {
  ::setpgid(0, 0); // Ctrl-C is for our parent, which then stops us
  if (::geteuid() == 0 &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user.group) != 0 || ::setuid(user.user) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGINT); // after the change of user, which takes it back
  if (::getppid() != parent) ::_exit(127);
  const int null = ::open("/dev/null", O_RDONLY);
  const int file = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0 || null < 0 || ::dup2(null, STDIN_FILENO) < 0) ::_exit(126);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  if (::chdir("/") != 0) ::_exit(126);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

::pid_t spawn(std::vector<std::string> words, const std::string& log, const User& user) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto parent = ::getpid();
  const auto child = ::fork();
  if (child == 0) become(arguments.data(), log.c_str(), user, parent);
  return child;
}

int wait_for(::pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

} // namespace

runtime::Result<LocalPostgres> LocalPostgres::start(const fs::path& folder) {
  const auto bin = find_binaries();
  if (bin.empty())
    return fail(Errc::not_found, "no PostgreSQL is installed (Debian: apt install postgresql)");
  const auto user = server_user();
  if (!user) return fail(Errc::not_found, "there is no user `postgres` to run PostgreSQL as");
  const auto root = fs::absolute(folder).lexically_normal();
  if (root.string().size() > longest_socket_path)
    return fail(Errc::invalid_argument, "the path of the folder is too long for a socket");
  std::error_code failed;
  fs::create_directories(root, failed);
  if (failed) return fail(Errc::io, root.string() + ": " + failed.message());
  if (::chmod(root.c_str(), 0700) != 0 ||
      (::geteuid() == 0 && ::chown(root.c_str(), user->user, user->group) != 0))
    return fail(Errc::io, "the folder of PostgreSQL cannot be given to its user");

  const auto data = root / "data";
  const auto log = root / "postgresql.log";
  const auto why = "; its log is " + log.string();
  if (!fs::exists(data / "PG_VERSION")) {
    const auto made = spawn(
        {bin + "/initdb", "-D", data, "-U", "graphrag", "-A", "trust", "-E", "UTF8", "--locale=C"},
        log, *user);
    if (made < 0 || wait_for(made) != 0)
      return fail(Errc::unavailable, "PostgreSQL could not make its database" + why);
  }
  LocalPostgres server;
  server.url_ = "postgresql://graphrag@/postgres?host=" + root.string();
  server.pid_ = spawn({bin + "/postgres", "-D", data, "-k", root, "-c", "listen_addresses=", "-c",
                       "max_connections=300"},
                      log, *user);
  if (server.pid_ < 0) return fail(Errc::io, "PostgreSQL could not be started");
  for (int i = 0; i < start_patience; ++i) {
    const auto asked = spawn({bin + "/pg_isready", "-q", "-h", root}, "/dev/null", *user);
    if (asked > 0 && wait_for(asked) == 0) return server;
    int status = 0;
    if (::waitpid(server.pid_, &status, WNOHANG) == server.pid_) {
      server.pid_ = -1;
      break;
    }
    ::poll(nullptr, 0, 100);
  }
  return fail(Errc::unavailable, "PostgreSQL does not start" + why);
}

LocalPostgres::LocalPostgres(LocalPostgres&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), url_(std::move(other.url_)) {}

LocalPostgres::~LocalPostgres() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGINT); // its fast stop
  wait_for(pid_);
}

} // namespace graphrag
