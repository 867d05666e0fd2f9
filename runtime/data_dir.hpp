#pragma once
// The data folder of a node, held by one process at a time.
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/error.hpp"
#include "runtime/unique_fd.hpp"

namespace graphrag::runtime {

class DataDir {
public:
  // Makes the folder when it is missing (0700, parents too) and locks it until this object or the
  // process ends, however it ends. Errors: conflict ("... is in use by pid N"), no_space,
  // invalid_argument (not a folder), io.
  static Result<std::unique_ptr<DataDir>> open(const std::string& path);
  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  const std::string& path() const { return path_; } // absolute
  // The path of something in the folder; `name` is one plain name of ours.
  std::string file(std::string_view name) const;
  // Bytes that this process may still write to the folder's disk.
  Result<std::uint64_t> free_bytes() const;

private:
  DataDir(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  UniqueFd lock_;
};

} // namespace graphrag::runtime
