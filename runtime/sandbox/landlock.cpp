#include "runtime/sandbox/landlock.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/syscall.h>

#include "runtime/unique_fd.hpp"

namespace graphrag::runtime::sandbox {
namespace {

// The kernel's numbers, named here because the headers of the build machine may be older than
// the kernel that the binary runs on. They are the same on every architecture.
constexpr long sys_create_ruleset = 444, sys_add_rule = 445, sys_restrict_self = 446;
constexpr unsigned create_version = 1;
constexpr int rule_path_beneath = 1;
constexpr std::uint64_t fs_read_file = 1ULL << 2, fs_read_dir = 1ULL << 3;

struct RulesetAttr {
  std::uint64_t fs, net, scoped;
};
struct [[gnu::packed]] PathBeneathAttr {
  std::uint64_t allowed;
  std::int32_t parent;
};

std::uint64_t handled_fs(int abi) {
  std::uint64_t rights = (1ULL << 13) - 1; // execute .. make_sym: version 1
  if (abi >= 2) rights |= 1ULL << 13;      // refer
  if (abi >= 3) rights |= 1ULL << 14;      // truncate
  if (abi >= 5) rights |= 1ULL << 15;      // ioctl on devices
  return rights;
}

std::size_t attr_size(int abi) {
  if (abi >= 6) return 3 * sizeof(std::uint64_t);
  if (abi >= 4) return 2 * sizeof(std::uint64_t);
  return sizeof(std::uint64_t);
}

tl::unexpected<Error> failed(const char* what) {
  return fail(Errc::io, std::string(what) + ": " + std::strerror(errno));
}

} // namespace

int landlock_abi() noexcept {
  const long abi = ::syscall(sys_create_ruleset, nullptr, 0, create_version);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

Status landlock_restrict(int abi, const std::vector<std::string>& readable) {
  RulesetAttr attr{handled_fs(abi), abi >= 4 ? 3ULL : 0, abi >= 6 ? 3ULL : 0};
  const UniqueFd ruleset(static_cast<int>(::syscall(sys_create_ruleset, &attr, attr_size(abi), 0)));
  if (!ruleset) return failed("landlock_create_ruleset");
  for (const std::string& path : readable) {
    const UniqueFd folder(::open(path.c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
    if (!folder) continue;
    const PathBeneathAttr rule{fs_read_file | fs_read_dir, folder.get()};
    if (::syscall(sys_add_rule, ruleset.get(), rule_path_beneath, &rule, 0) != 0)
      return failed("landlock_add_rule");
  }
  if (::syscall(sys_restrict_self, ruleset.get(), 0) != 0) return failed("landlock_restrict_self");
  return {};
}

} // namespace graphrag::runtime::sandbox
