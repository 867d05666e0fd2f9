#pragma once
// The data folder of a command that works on what is there already.
#include <memory>
#include <string>

#include "runtime/data_dir.hpp"

namespace graphrag {

// Locks a data folder that holds a store. A folder without one, or no folder, is not_found ("...
// holds no store"), and nothing is made: a mistyped name must not look like an empty store. Other
// errors as DataDir::open().
runtime::Result<std::unique_ptr<runtime::DataDir>> open_with_store(const std::string& folder);

// What a restore writes the store to until it is whole. A folder that has it is half restored: no
// server starts on it, and another restore begins anew.
inline constexpr const char* restoring_store = "graphrag.db.restoring";

// Says on standard error why a folder was not opened, and gives the command's exit code: 2 for an
// input that is not there, 1 for anything else.
int refuse(const runtime::Error& error);

} // namespace graphrag
