#pragma once
// A small file system of its own under a folder (tmpfs), for tests of a full disk. Needs the right
// to mount; ready() says whether it could be had.
#include <filesystem>
#include <string>

namespace graphrag::test {

class SmallDisk {
public:
  SmallDisk(std::filesystem::path folder, unsigned mebibytes);
  ~SmallDisk(); // unmounts
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool ready() const { return error_.empty(); }
  const std::string& error() const { return error_; } // why not
  const std::filesystem::path& path() const { return folder_; }
  std::uint64_t free_bytes() const;

  // Writes a file of zeros until `leave` bytes are free (all of them: until nothing fits).
  void fill(std::uint64_t leave = 0) const;
  void remove_filler() const;

private:
  std::filesystem::path filler() const { return folder_ / "filler"; }
  std::filesystem::path folder_;
  std::string error_;
};

} // namespace graphrag::test
