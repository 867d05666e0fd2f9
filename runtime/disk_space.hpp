#pragma once
// Room for new data on a disk, above a reserve. The reserve is what deletes, the store's own files
// and an orderly stop still need when everything else is refused.
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"

namespace graphrag::runtime {

struct DiskSize {
  std::uint64_t free = 0;  // for this process
  std::uint64_t total = 0; // of the file system
};
std::optional<DiskSize> disk_size(const std::string& folder);

// Nobody sets a reserve for a small disk: then it is a tenth of the disk, and `usual` at most.
std::uint64_t default_reserve(std::uint64_t usual, std::uint64_t total);

// Thread-safe. Asks the system at most every 250 ms and subtracts what it has granted since.
class DiskSpace {
public:
  using Measure = std::function<std::optional<DiskSize>()>;
  DiskSpace(Measure measure, std::uint64_t reserve, std::shared_ptr<const Clock> clock);

  // no_space when the free space, less `bytes`, is under the reserve, or when nothing is free. A
  // disk that cannot be measured has room: the write itself will tell.
  Status room_for(std::uint64_t bytes = 0);

private:
  void measure_when_due();

  Measure measure_;
  std::uint64_t reserve_;
  std::shared_ptr<const Clock> clock_;
  std::mutex mutex_;
  std::optional<DiskSize> known_;
  std::optional<SteadyTime> measured_;
  bool low_ = false;
};

} // namespace graphrag::runtime
