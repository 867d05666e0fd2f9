#include "runtime/machine_memory.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <unistd.h>

namespace graphrag::runtime {
namespace {

constexpr std::uint64_t gibibyte = 1ULL << 30;

// The least limit of this process's group and of those above it.
std::uint64_t group_limit() {
  std::uint64_t least = UINT64_MAX;
  std::ifstream groups{"/proc/self/cgroup"};
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::")) continue;
    for (auto path = line.substr(3);; path.resize(path.rfind('/'))) {
      std::uint64_t limit = 0;
      if (std::ifstream file{"/sys/fs/cgroup" + path + "/memory.max"}; file >> limit)
        least = std::min(least, limit);
      if (path.find('/') == std::string::npos) break;
    }
  }
  return least;
}

} // namespace

std::uint64_t machine_memory() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
  const auto physical = pages > 0 && size > 0
                            ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size)
                            : gibibyte;
  return std::max(std::min(physical, group_limit()), std::uint64_t{1});
}

} // namespace graphrag::runtime
