#pragma once
// How the process ends. The first SIGTERM or SIGINT starts an orderly stop, a second one ends the
// process at once, and an orderly stop that overruns its deadline ends with an error.
#include <chrono>
#include <functional>
#include <memory>

#include "runtime/error.hpp"

namespace graphrag::runtime {

struct LifecycleOptions {
  std::chrono::milliseconds stop_deadline{30'000};
  int overrun_exit_code = 70; // when the orderly stop took longer
};

class Lifecycle {
public:
  // To be called from main before any other thread exists: blocks both signals in this thread, and
  // so in all later ones, and ignores SIGPIPE. One at a time. `on_stop` is called once, on the
  // lifecycle's own thread, when the stop begins; it must be short.
  static Result<std::unique_ptr<Lifecycle>> start(
      LifecycleOptions options, std::function<void()> on_stop = [] {});
  // Ends the watch: to be destroyed after everything else has stopped.
  ~Lifecycle();
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;

  // Begins the orderly stop for another reason than a signal; the deadline runs from now. Only the
  // first call, or signal, counts.
  void request_stop();
  // Blocks until the stop has begun.
  void wait_for_stop();
  bool stopping() const;

private:
  class Impl;
  explicit Lifecycle(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

} // namespace graphrag::runtime
