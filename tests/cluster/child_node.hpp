#pragma once
// link_node as a child process: what it printed, and what it is told.
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "runtime/unique_fd.hpp"

namespace graphrag::test {

class ChildNode {
public:
  // `own_pids`: in a fresh PID namespace, where it is process 1; port() is 0 when this machine
  // does not permit that.
  ChildNode(unsigned ordinal, const std::string& certificates, bool own_pids = false);
  ~ChildNode(); // kills it

  void tell(const std::string& command);
  // Waits for a line that begins so; the rest of the first one. Empty when it did not come in time.
  std::string wait_for(const std::string& beginning);
  std::vector<std::string> lines() const;
  std::size_t count(const std::string& beginning) const;
  // Waits until so many lines begin so.
  bool wait_count(const std::string& beginning, std::size_t count);

  void stop() const; // returns when all its threads stand still
  void go_on() const;
  void kill9(); // and waits for its end
  std::uint16_t port() {
    const auto number = wait_for("port ");
    return number.empty() ? 0 : static_cast<std::uint16_t>(std::stoul(number));
  }

private:
  void read();

  pid_t child_ = -1; // with own_pids, who made the namespace
  runtime::UniqueFd to_, from_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  bool over_ = false;
  std::thread reader_;
};

} // namespace graphrag::test
