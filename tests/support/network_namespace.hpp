#pragma once
// A network of its own for processes of a test (Linux: network namespace). It has no name in the
// system, so it is gone with this object and the last process in it, also when the test is killed.
#include "runtime/unique_fd.hpp"

#include <string>

namespace graphrag::test {

class NetworkNamespace {
public:
  // Empty when one can be made here (it takes root), else the reason.
  static std::string why_not();

  NetworkNamespace(); // with its loopback only, which is up; throws when it cannot be made
  int fd() const noexcept { return fd_.get(); }

private:
  runtime::UniqueFd fd_;
};

// While this lives, the sockets that the calling thread opens and the processes that it starts
// belong to the namespace. A socket stays there. With -1 nothing changes.
class InNamespace {
public:
  explicit InNamespace(int fd);
  ~InNamespace();
  InNamespace(const InNamespace&) = delete;
  InNamespace& operator=(const InNamespace&) = delete;

private:
  runtime::UniqueFd before_;
};

} // namespace graphrag::test
