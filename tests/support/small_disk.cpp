#include "tests/support/small_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace graphrag::test {

SmallDisk::SmallDisk(std::filesystem::path folder, unsigned mebibytes)
    : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  auto size = "size=" + std::to_string(mebibytes) + "m,mode=0700";
  if (::mount("tmpfs", folder_.c_str(), "tmpfs", 0, size.c_str()) != 0)
    error_ = std::string{"tmpfs cannot be mounted: "} + std::strerror(errno);
}

SmallDisk::~SmallDisk() {
  if (ready()) ::umount2(folder_.c_str(), MNT_DETACH);
}

std::uint64_t SmallDisk::free_bytes() const {
  struct statvfs disk {};
  if (::statvfs(folder_.c_str(), &disk) != 0) return 0;
  return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

void SmallDisk::fill(std::uint64_t leave) const {
  int file = ::open(filler().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string zeros(64 * 1024, '\0');
  for (auto free = free_bytes(); free > leave; free = free_bytes()) {
    auto size = std::min<std::uint64_t>(zeros.size(), free - leave);
    if (::write(file, zeros.data(), size) <= 0) break;
  }
  ::close(file);
}

void SmallDisk::remove_filler() const { ::unlink(filler().c_str()); }

} // namespace graphrag::test
