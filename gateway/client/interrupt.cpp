#include "gateway/client/interrupt.hpp"

#include <csignal>

namespace graphrag::client {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free); // written by a signal handler

extern "C" void on_signal(int) { stop.store(true); }

} // namespace

const std::atomic<bool>& interrupted() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESETHAND;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    return true;
  }();
  (void)installed;
  return stop;
}

} // namespace graphrag::client
