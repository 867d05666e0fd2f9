#include "tests/support/network_namespace.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>

namespace graphrag::test {
namespace {

int open_own() { return ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC); }

std::string set_loopback_up() {
  const runtime::UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0 ? "" : std::strerror(errno);
}

// A thread of its own leaves the process's namespace and does not come back.
std::string make(runtime::UniqueFd& out) {
  std::string error;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) != 0) {
      error = std::strerror(errno);
      return;
    }
    error = set_loopback_up();
    out.reset(open_own());
  }).join();
  return error;
}

} // namespace

std::string NetworkNamespace::why_not() {
  runtime::UniqueFd made;
  if (const auto error = make(made); !error.empty())
    return "no network namespace can be made: " + error;
  const runtime::UniqueFd tunnel{::open("/dev/net/tun", O_RDWR | O_CLOEXEC)};
  return tunnel ? "" : std::string{"no /dev/net/tun: "} + std::strerror(errno);
}

NetworkNamespace::NetworkNamespace() {
  if (const auto error = make(fd_); !error.empty())
    throw std::runtime_error("no network namespace: " + error);
}

InNamespace::InNamespace(int fd) {
  if (fd < 0) return;
  before_.reset(open_own());
  if (!before_ || ::setns(fd, CLONE_NEWNET) != 0)
    throw std::runtime_error(std::string{"the namespace cannot be entered: "} +
                             std::strerror(errno));
}

InNamespace::~InNamespace() {
  if (before_) (void)::setns(before_.get(), CLONE_NEWNET);
}

} // namespace graphrag::test
