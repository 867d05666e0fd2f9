#pragma once
// Ctrl-C and SIGTERM in the clients: the first one asks the work to end (started uploads finish,
// private servers and folders go away), a second one ends the process as usual.
#include <atomic>

namespace graphrag::client {

const std::atomic<bool>& interrupted(); // installs the handlers when first called

inline constexpr int exit_interrupted = 130;

} // namespace graphrag::client
