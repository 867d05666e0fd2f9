#pragma once
// The few file calls that the adapters need, with errors as values.
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace graphrag::runtime::files {

// Errc of an errno: no_space, not_found or io, with the path in the detail.
Error error_of(int code, std::string_view doing, const std::string& path);

// Writes a new file and syncs it. On failure nothing is left.
Status write_synced(const std::string& path, std::string_view bytes);
Result<std::string> read_all(const std::string& path);
Status rename(const std::string& from, const std::string& to);
// How many bytes a file has, and their SHA-256 (content_hash()). Reads piece by piece.
struct Digest {
  std::uint64_t bytes = 0;
  std::string hash;
};
Result<Digest> digest_of(const std::string& path);
// Copies into a new file, or over one that is there, and says what was copied. Not synced.
Result<Digest> copy(const std::string& from, const std::string& to);
// Everything written so far to the file system that holds the folder is durable afterwards.
Status sync_file_system(const std::string& folder);
Status sync_folder(const std::string& path); // makes names created in it durable
// Creates one folder, whose parent exists, unless it is there; syncs the parent.
Status make_folder(const std::string& parent, const std::string& name);

} // namespace graphrag::runtime::files
