#include "gateway/client/server_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace graphrag::client {
namespace {

using Steady = std::chrono::steady_clock;

int left_ms(Steady::time_point end) {
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now()).count();
  return static_cast<int>(std::max<std::int64_t>(0, left));
}

// Between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, int output, const char* log_file, ::pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::setpgid(0, 0); // Ctrl-C at the terminal is for our parent, which then stops us
  ::dup2(output, STDOUT_FILENO);
  int null = ::open("/dev/null", O_RDONLY);
  if (null >= 0) ::dup2(null, STDIN_FILENO);
  if (log_file[0] != '\0') {
    int log = ::open(log_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (log >= 0) ::dup2(log, STDERR_FILENO);
  }
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

} // namespace

bool parse_listening_line(const std::string& line, std::string& url, std::string& admin_url) {
  static constexpr std::string_view start = "listening on ", middle = " (admin ";
  auto admin = line.find(middle);
  if (!line.starts_with(start) || admin == std::string::npos || !line.ends_with(')')) return false;
  url = line.substr(start.size(), admin - start.size());
  admin_url = line.substr(admin + middle.size());
  admin_url.pop_back();
  return true;
}

runtime::Result<ServerProcess> ServerProcess::start(const ServerProcessOptions& options) {
  std::vector<std::string> words{
      options.executable, "serve",        "--data",         options.data_dir,
      "--listen",         options.listen, "--admin-listen", options.admin_listen};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0)
    return runtime::fail(runtime::Errc::io, std::string{"pipe: "} + std::strerror(errno));
  auto parent = ::getpid();
  ServerProcess server;
  server.output_ = pipe[0];
  server.pid_ = ::fork();
  if (server.pid_ == 0) become(arguments.data(), pipe[1], options.log_file.c_str(), parent);
  ::close(pipe[1]);
  if (server.pid_ < 0)
    return runtime::fail(runtime::Errc::io, std::string{"fork: "} + std::strerror(errno));

  std::string text;
  auto end = Steady::now() + options.start_deadline;
  while (true) {
    ::pollfd wait{server.output_, POLLIN, 0};
    int ready = ::poll(&wait, 1, left_ms(end));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0)
      return runtime::fail(runtime::Errc::timeout, "the server did not begin to listen in time");
    char buffer[512];
    auto got = ::read(server.output_, buffer, sizeof buffer);
    if (got <= 0) {
      auto code = server.stop(std::chrono::seconds(5));
      return runtime::fail(runtime::Errc::unavailable, "the server ended with code " +
                                                           std::to_string(code) +
                                                           " before it listened");
    }
    text.append(buffer, static_cast<std::size_t>(got));
    for (auto newline = text.find('\n'); newline != std::string::npos; newline = text.find('\n')) {
      auto line = text.substr(0, newline);
      text.erase(0, newline + 1);
      if (parse_listening_line(line, server.url_, server.admin_url_)) return server;
    }
  }
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), output_(std::exchange(other.output_, -1)),
      url_(std::move(other.url_)), admin_url_(std::move(other.admin_url_)) {}

ServerProcess& ServerProcess::operator=(ServerProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_, other.output_);
  std::swap(url_, other.url_);
  std::swap(admin_url_, other.admin_url_);
  return *this;
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) ::close(output_);
}

std::optional<int> ServerProcess::ended() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int ServerProcess::stop(std::chrono::milliseconds deadline) {
  if (pid_ <= 0) return 0;
  ::kill(pid_, SIGTERM);
  auto end = Steady::now() + deadline;
  int status = 0;
  bool killed = false;
  while (true) {
    auto ended = ::waitpid(pid_, &status, killed ? 0 : WNOHANG);
    if (ended == pid_ || (ended < 0 && errno != EINTR)) break;
    if (!killed && Steady::now() >= end) {
      ::kill(pid_, SIGKILL);
      killed = true;
      continue;
    }
    ::poll(nullptr, 0, 10);
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

runtime::Result<TemporaryFolder> TemporaryFolder::make() {
  const char* base = std::getenv("TMPDIR");
  std::string path =
      std::string{base != nullptr && *base != '\0' ? base : "/tmp"} + "/graphrag-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    return runtime::fail(runtime::Errc::io, path + ": " + std::strerror(errno));
  return TemporaryFolder{path};
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

} // namespace graphrag::client
