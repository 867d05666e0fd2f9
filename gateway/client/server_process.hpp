#pragma once
// A private server: this very program, started as `serve` on free ports, ended with its owner.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "runtime/error.hpp"

namespace graphrag::client {

struct ServerProcessOptions {
  std::string executable = "/proc/self/exe";
  std::string data_dir;
  std::vector<std::string> arguments; // after `serve --data ... --listen ... --admin-listen ...`
  std::string log_file;               // its standard error; empty = inherited
  std::chrono::milliseconds start_deadline{120'000};
  std::string listen = "127.0.0.1:0", admin_listen = "127.0.0.1:0";
};

// The kernel ends the server should this process die first. Call start() from a thread that lives
// as long as the server is needed.
class ServerProcess {
public:
  // Waits for "listening on http://HOST:PORT (admin http://HOST:PORT)" on its standard output.
  static runtime::Result<ServerProcess> start(const ServerProcessOptions& options);

  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&& other) noexcept;
  ~ServerProcess(); // kills it if it still runs

  const std::string& url() const { return url_; }
  const std::string& admin_url() const { return admin_url_; }
  ::pid_t pid() const { return pid_; }

  // Once it has ended by itself: its exit code as stop() gives it, a single time.
  std::optional<int> ended();
  // SIGTERM, then SIGKILL at the deadline. The exit code, or 128 + the signal that ended it.
  int stop(std::chrono::milliseconds deadline = std::chrono::seconds(30));

private:
  ServerProcess() = default;
  ::pid_t pid_ = -1;
  int output_ = -1; // kept open, so that the server never writes into a closed pipe
  std::string url_, admin_url_;
};

// A folder that is removed, with everything in it, when this goes away.
class TemporaryFolder {
public:
  static runtime::Result<TemporaryFolder> make(); // under TMPDIR or /tmp
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// Reads the two addresses out of the line; false when it is another line.
bool parse_listening_line(const std::string& line, std::string& url, std::string& admin_url);

} // namespace graphrag::client
