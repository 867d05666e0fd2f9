#include "tests/support/test_certificates.hpp"

#include <cstdlib>

#include "runtime/check.hpp"

namespace graphrag::test {

namespace fs = std::filesystem;

TestAuthority::TestAuthority(const std::string& name)
    : authority_(std::move(cluster::Authority::make(name, std::chrono::hours{48}).value())) {}

void TestAuthority::issue(const fs::path& folder, const std::string& dns_name,
                          std::chrono::seconds valid) const {
  const auto issued = authority_.issue(folder, dns_name, valid);
  RUNTIME_CHECK(issued, "a test has certificates");
}

ScratchFolder::ScratchFolder() {
  std::string pattern = (fs::temp_directory_path() / "graphrag-test-XXXXXX").string();
  RUNTIME_CHECK(::mkdtemp(pattern.data()), "a test has a folder");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

} // namespace graphrag::test
