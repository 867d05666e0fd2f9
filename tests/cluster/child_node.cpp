#include "child_node.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "runtime/check.hpp"
#include "tests/support/test_node.hpp"

namespace graphrag::test {

ChildNode::ChildNode(unsigned ordinal, const std::string& certificates, bool own_pids) {
  int in[2], out[2];
  RUNTIME_CHECK(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0, "a test has pipes");
  to_.reset(in[1]);
  from_.reset(out[0]);
  const auto number = std::to_string(ordinal);
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (own_pids) {
      if (::unshare(CLONE_NEWPID) != 0) ::_exit(77);
      const auto inner = ::fork(); // process 1 of the namespace
      if (inner != 0) {
        int status = 0;
        ::waitpid(inner, &status, 0);
        ::_exit(0);
      }
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    ::execl(GRAPHRAG_LINK_NODE, "link_node", number.c_str(), certificates.c_str(), "fast", nullptr);
    ::_exit(1);
  }
  ::close(in[0]);
  ::close(out[1]);
  reader_ = std::thread([this] { read(); });
}

ChildNode::~ChildNode() {
  kill9();
  reader_.join();
}

void ChildNode::read() {
  std::string rest;
  char bytes[4096];
  for (ssize_t got = 0; (got = ::read(from_.get(), bytes, sizeof bytes)) > 0;) {
    rest.append(bytes, static_cast<std::size_t>(got));
    const std::lock_guard lock{mutex_};
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      lines_.push_back(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
    changed_.notify_all();
  }
  const std::lock_guard lock{mutex_};
  over_ = true;
  changed_.notify_all();
}

void ChildNode::tell(const std::string& command) {
  const auto line = command + "\n";
  RUNTIME_CHECK(::write(to_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()),
                "a node hears its test");
}

bool ChildNode::wait_count(const std::string& beginning, std::size_t count) {
  std::unique_lock lock{mutex_};
  const auto enough = [&] {
    return static_cast<std::size_t>(
               std::count_if(lines_.begin(), lines_.end(), [&](const auto& line) {
                 return line.starts_with(beginning);
               })) >= count;
  };
  changed_.wait_for(lock, patience, [&] { return enough() || over_; });
  return enough();
}

std::string ChildNode::wait_for(const std::string& beginning) {
  if (!wait_count(beginning, 1)) return {};
  const auto all = lines();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& line) { return line.starts_with(beginning); });
  return found->substr(beginning.size());
}

std::vector<std::string> ChildNode::lines() const {
  const std::lock_guard lock{mutex_};
  return lines_;
}

std::size_t ChildNode::count(const std::string& beginning) const {
  const auto all = lines();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const auto& line) { return line.starts_with(beginning); }));
}

void ChildNode::stop() const {
  ::kill(child_, SIGSTOP);
  int status = 0;
  ::waitpid(child_, &status, WUNTRACED);
}

void ChildNode::go_on() const { ::kill(child_, SIGCONT); }

void ChildNode::kill9() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL); // what it made dies with it
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
}

} // namespace graphrag::test
