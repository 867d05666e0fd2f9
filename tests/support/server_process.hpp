#pragma once
// A real server process on a free port with its own data folder, for integration and chaos tests.
#include <chrono>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace graphrag::test {

// A folder that goes away with the object.
class TempDir {
public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

class ServerProcess {
public:
  // Starts `graphrag serve --data DATA` on free ports and waits until it listens (20 s at most);
  // throws when it does not. `binary`: of another build than this one.
  ServerProcess(const std::filesystem::path& data, std::vector<std::string> extra_arguments = {},
                const std::string& binary = {});
  ~ServerProcess(); // SIGKILL when still running
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  unsigned short port() const { return port_; }
  unsigned short admin_port() const { return admin_port_; }
  pid_t pid() const { return pid_; }
  void signal(int number) const;
  void stand_still() const; // SIGSTOP, and every thread has stopped
  void kill_hard();         // SIGKILL and reap
  int wait_for_exit(
      std::chrono::milliseconds deadline); // exit code, or -signal; throws at the deadline
  bool ended();                            // and reaped
  std::string log() const;                 // what it wrote to standard error so far

private:
  pid_t pid_ = -1;
  unsigned short port_ = 0, admin_port_ = 0;
  int stdout_fd_ = -1;
  std::filesystem::path log_file_;
};

// Runs the binary with arguments to its end; returns its exit code, with its standard output.
int run_graphrag(const std::vector<std::string>& arguments, std::string* output = nullptr);

} // namespace graphrag::test
