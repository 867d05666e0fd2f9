#include "cluster/identity.hpp"

#include <cerrno>
#include <cstdio>

#include <sys/random.h>

#include "runtime/check.hpp"

namespace graphrag::cluster {

std::uint64_t random_number() {
  std::uint64_t number = 0;
  while (number == 0) {
    const auto got = ::getrandom(&number, sizeof number, 0);
    if (got < 0 && errno == EINTR) continue;
    RUNTIME_CHECK(got == static_cast<ssize_t>(sizeof number), "the kernel gives random numbers");
  }
  return number;
}

NodeId new_identity(NodeOrdinal ordinal) { return {ordinal, random_number()}; }

std::string to_string(const NodeId& identity) {
  char text[40];
  std::snprintf(text, sizeof text, "%u:%016llx", identity.ordinal,
                static_cast<unsigned long long>(identity.incarnation));
  return text;
}

} // namespace graphrag::cluster
