#pragma once
// A mistyped command.
#include <string>

namespace CLI {
class App;
}

namespace graphrag {

// After a parse that failed: when a command was to come and something else did, names that word and
// the command that was perhaps meant. Empty when it failed for another reason.
std::string unknown_command(const CLI::App& app);

} // namespace graphrag
