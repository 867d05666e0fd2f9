#pragma once
// What a process holds, from /proc.
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/types.h>

namespace graphrag::test {

struct ProcessSize {
  std::size_t descriptors = 0, threads = 0, resident_kib = 0; // all 0: it does not run
};

inline ProcessSize size_of(pid_t process) {
  const auto folder = "/proc/" + std::to_string(process);
  ProcessSize out;
  std::error_code gone;
  for (auto at = std::filesystem::directory_iterator(folder + "/fd", gone);
       !gone && at != std::filesystem::directory_iterator{}; at.increment(gone))
    ++out.descriptors;
  std::ifstream lines{folder + "/status"};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Threads:")) out.threads = std::stoul(line.substr(8));
    if (line.starts_with("VmRSS:")) out.resident_kib = std::stoul(line.substr(6));
  }
  return out;
}

} // namespace graphrag::test
