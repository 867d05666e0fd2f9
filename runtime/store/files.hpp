#pragma once
// The few file calls that the adapters need, with errors as values.
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
Status sync_folder(const std::string& path); // makes names created in it durable
// Creates one folder, whose parent exists, unless it is there; syncs the parent.
Status make_folder(const std::string& parent, const std::string& name);

} // namespace graphrag::runtime::files
