#pragma once
// A certificate authority for tests, and a folder for what it signs.
#include <chrono>
#include <filesystem>
#include <string>

#include "cluster/link/authority.hpp"

namespace graphrag::test {

class TestAuthority {
public:
  explicit TestAuthority(const std::string& name = "test ca");

  // Authority::issue; must succeed.
  void issue(const std::filesystem::path& folder, const std::string& dns_name,
             std::chrono::seconds valid = std::chrono::hours{24}) const;

private:
  cluster::Authority authority_;
};

// A folder of a test's own, gone with it.
class ScratchFolder {
public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace graphrag::test
