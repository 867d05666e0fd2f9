#include "runtime/disk_space.hpp"

#include <algorithm>
#include <chrono>
#include <sys/statvfs.h>

#include "observability/log.hpp"

namespace graphrag::runtime {
namespace {
constexpr auto believed_for = std::chrono::milliseconds(250);
}

std::optional<DiskSize> disk_size(const std::string& folder) {
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
  return DiskSize{static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize,
                  static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize};
}

std::uint64_t default_reserve(std::uint64_t usual, std::uint64_t total) {
  return std::min(usual, total / 10);
}

DiskSpace::DiskSpace(Measure measure, std::uint64_t reserve, std::shared_ptr<const Clock> clock)
    : measure_(std::move(measure)), reserve_(reserve), clock_(std::move(clock)) {}

void DiskSpace::measure_when_due() {
  auto now = clock_->now();
  if (measured_ && now - *measured_ < believed_for) return;
  measured_ = now;
  known_ = measure_();
  if (!known_) return;
  bool low = known_->free == 0 || known_->free < reserve_;
  if (low == low_) return;
  low_ = low;
  observability::log(low ? observability::Level::warn : observability::Level::info,
                     low ? "the disk of the data folder is full: writes are refused"
                         : "the disk of the data folder has room again",
                     {{"graphrag.disk_free_bytes", static_cast<std::int64_t>(known_->free)},
                      {"graphrag.disk_reserve_bytes", static_cast<std::int64_t>(reserve_)}});
}

Status DiskSpace::room_for(std::uint64_t bytes) {
  std::lock_guard lock{mutex_};
  measure_when_due();
  if (!known_) return {};
  auto free = known_->free;
  if (free == 0 || bytes > free || free - bytes < reserve_)
    return fail(Errc::no_space, "the disk has too little free space for new data");
  known_->free -= bytes;
  return {};
}

} // namespace graphrag::runtime
