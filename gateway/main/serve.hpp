#pragma once
// Commands that need the server's own parts.
#include "runtime/config/config.hpp"

namespace graphrag {

// Runs a node until SIGTERM or SIGINT. Prints one line to standard output once it listens:
// "listening on http://HOST:PORT (admin http://HOST:PORT)". Returns the exit code.
// What it makes is its user's alone (umask 077).
int serve(const runtime::ConfigSources& sources);

// `config check`: prints every mistake; 2 when there is one, as serve. `config print`: the
// effective values.
int check_config(const runtime::ConfigSources& sources, bool json);
int print_config(const runtime::ConfigSources& sources, bool json);

} // namespace graphrag
