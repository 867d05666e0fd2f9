#pragma once
// Commands that need the server's own parts.
#include "runtime/config/config.hpp"

namespace graphrag {

// Runs a node until SIGTERM or SIGINT. Prints one line to standard output once it listens:
// "listening on http://HOST:PORT (admin http://HOST:PORT)". Returns the exit code.
int serve(const runtime::ConfigSources& sources);

// `config check`: prints every mistake; 1 when there is one. `config print`: the effective values.
int check_config(const runtime::ConfigSources& sources, bool json);
int print_config(const runtime::ConfigSources& sources, bool json);

} // namespace graphrag
