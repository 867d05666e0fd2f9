#pragma once
// A disk that fails when a test says so, under SQLite: a VFS in front of the real one, and the
// default while the object lives. One at a time; not for several threads.
#include <cstdint>

namespace graphrag::runtime {

class FaultyDisk {
public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // After `calls` more calls that change or sync a file, every further one fails with this SQLite
  // code and errno, until heal().
  void fail_after(std::uint64_t calls, int sqlite_code, int system_error);
  void heal();
  std::uint64_t syncs() const; // of any file, so far
};

} // namespace graphrag::runtime
