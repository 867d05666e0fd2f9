#include "tests/support/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace graphrag::test {
namespace {

using Clock = std::chrono::steady_clock;

pid_t spawn(const std::vector<std::string>& arguments, int out_fd, const char* error_file,
            const std::string& binary = GRAPHRAG_BINARY) {
  std::vector<char*> argv;
  argv.push_back(const_cast<char*>(binary.c_str()));
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
  if (error_file)
    posix_spawn_file_actions_addopen(&actions, 2, error_file, O_WRONLY | O_CREAT | O_APPEND, 0600);
  pid_t pid = -1;
  int failed = posix_spawn(&pid, binary.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + binary);
  return pid;
}

// One line from a pipe, or what came until its end or the deadline.
std::string read_line(int fd, Clock::time_point deadline) {
  std::string line;
  while (Clock::now() < deadline) {
    pollfd waiting{fd, POLLIN, 0};
    auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (poll(&waiting, 1, static_cast<int>(left)) <= 0) break;
    char c = 0;
    if (read(fd, &c, 1) != 1 || c == '\n') break;
    line.push_back(c);
  }
  return line;
}

} // namespace

TempDir::TempDir() {
  std::random_device random;
  path_ = std::filesystem::temp_directory_path() /
          ("graphrag-test-" + std::to_string(getpid()) + "-" + std::to_string(random()));
  std::filesystem::create_directories(path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ServerProcess::ServerProcess(const std::filesystem::path& data, std::vector<std::string> extra,
                             const std::string& binary) {
  std::filesystem::create_directories(data.parent_path());
  log_file_ = data.parent_path() / "server.log";
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  std::vector<std::string> arguments{"serve",       "--data",         data.string(), "--listen",
                                     "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"};
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  pid_ = spawn(arguments, ends[1], log_file_.c_str(), binary.empty() ? GRAPHRAG_BINARY : binary);
  close(ends[1]);
  stdout_fd_ = ends[0];
  auto line = read_line(stdout_fd_, Clock::now() + std::chrono::seconds(60));
  unsigned port = 0, admin = 0;
  if (std::sscanf(line.c_str(), "listening on http://127.0.0.1:%u (admin http://127.0.0.1:%u)",
                  &port, &admin) != 2) {
    kill_hard();
    throw std::runtime_error("the server did not start: " + line + "\n" + log());
  }
  port_ = static_cast<unsigned short>(port);
  admin_port_ = static_cast<unsigned short>(admin);
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) kill_hard();
  if (stdout_fd_ >= 0) close(stdout_fd_);
}

void ServerProcess::signal(int number) const { kill(pid_, number); }

void ServerProcess::stand_still() const {
  signal(SIGSTOP);
  int status = 0;
  if (waitpid(pid_, &status, WUNTRACED) != pid_ || !WIFSTOPPED(status))
    throw std::runtime_error("the server ended instead of standing still");
}

void ServerProcess::kill_hard() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
}

int ServerProcess::wait_for_exit(std::chrono::milliseconds deadline) {
  auto end = Clock::now() + deadline;
  while (Clock::now() < end) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    pollfd nothing{-1, 0, 0};
    poll(&nothing, 1, 5);
  }
  throw std::runtime_error("the server did not end in time");
}

bool ServerProcess::ended() {
  int status = 0;
  if (pid_ > 0 && waitpid(pid_, &status, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

std::string ServerProcess::log() const {
  std::ifstream in{log_file_};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

int run_graphrag(const std::vector<std::string>& arguments, std::string* output) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  auto pid = spawn(arguments, ends[1], nullptr);
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (output) *output = std::move(text);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

} // namespace graphrag::test
