#pragma once
// Runs a program to its end and keeps what it said.
#include <array>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace graphrag::test {

struct Finished {
  int code = -1; // or 128 + signal
  std::string out, err;
};

// `environment` entries are NAME=VALUE, on top of this process's own. No standard input.
inline Finished run_program(std::vector<std::string> words,
                            const std::vector<std::string>& environment = {}) {
  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) return {};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  auto pid = ::fork();
  if (pid == 0) {
    for (const auto& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
    int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);
  Finished finished;
  std::array<::pollfd, 2> open{{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    if (::poll(open.data(), open.size(), -1) < 0) break;
    for (auto& stream : open) {
      if (stream.fd < 0 || stream.revents == 0) continue;
      char buffer[4096];
      auto got = ::read(stream.fd, buffer, sizeof buffer);
      if (got > 0)
        (&stream == &open[0] ? finished.out : finished.err)
            .append(buffer, static_cast<std::size_t>(got));
      else
        ::close(std::exchange(stream.fd, -1));
    }
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

inline Finished graphrag(std::vector<std::string> words,
                         const std::vector<std::string>& environment = {}) {
  words.insert(words.begin(), GRAPHRAG_BINARY);
  return run_program(std::move(words), environment);
}

} // namespace graphrag::test
