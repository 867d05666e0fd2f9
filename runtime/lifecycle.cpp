#include "runtime/lifecycle.hpp"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>

#include "observability/log.hpp"
#include "runtime/clock.hpp"
#include "runtime/unique_fd.hpp"

namespace graphrag::runtime {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  return set;
}

std::string_view name_of(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

} // namespace

class Lifecycle::Impl {
public:
  Impl(LifecycleOptions options, std::function<void()> on_stop, UniqueFd signals, UniqueFd wake)
      : options_(options), on_stop_(std::move(on_stop)), signals_(std::move(signals)),
        wake_(std::move(wake)), thread_([this] { watch(); }) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    wake();
    thread_.join();
  }

  void request_stop() {
    {
      const std::lock_guard lock(mutex_);
      requested_ = true;
    }
    wake();
  }

  void wait_for_stop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_; });
  }

  bool stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

private:
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  }

  void watch() {
    ::pthread_setname_np(::pthread_self(), "lifecycle");
    for (;;) {
      bool begin = false;
      {
        const std::lock_guard lock(mutex_);
        if (over_) return;
        begin = requested_ && !stopping_;
      }
      if (begin) begin_stop("requested by the node");
      pollfd fds[] = {{signals_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
      const int ready = ::poll(fds, 2, wait_ms());
      if (ready > 0 && (fds[0].revents & POLLIN) != 0) on_signal();
      if (ready > 0 && (fds[1].revents & POLLIN) != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
        continue; // it may be over: then the deadline no longer matters
      }
      if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) overrun();
    }
  }

  int wait_ms() const {
    if (!deadline_) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
  }

  void on_signal() {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != ssize_t{sizeof info}) return;
    const int signal = static_cast<int>(info.ssi_signo);
    if (deadline_) {
      observability::log_warn("second signal: ending at once",
                              {{"process.signal", name_of(signal)}});
      ::_exit(128 + signal);
    }
    begin_stop(name_of(signal));
  }

  void begin_stop(std::string_view reason) {
    observability::log_info("stopping", {{"graphrag.reason", reason},
                                         {"graphrag.deadline_ms", options_.stop_deadline.count()}});
    deadline_ = std::chrono::steady_clock::now() + options_.stop_deadline;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    on_stop_();
  }

  void overrun() {
    observability::log_error("the orderly stop took too long: ending now",
                             {{"graphrag.deadline_ms", options_.stop_deadline.count()}});
    ::_exit(options_.overrun_exit_code);
  }

  const LifecycleOptions options_;
  const std::function<void()> on_stop_;
  const UniqueFd signals_, wake_;
  std::optional<SteadyTime> deadline_; // of the stop that has begun; the thread's own
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false, stopping_ = false, over_ = false;
  std::thread thread_;
};

Lifecycle::Lifecycle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Lifecycle::~Lifecycle() = default;

Result<std::unique_ptr<Lifecycle>> Lifecycle::start(LifecycleOptions options,
                                                    std::function<void()> on_stop) {
  const sigset_t set = stop_signals();
  ::signal(SIGPIPE, SIG_IGN);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0)
    return fail(Errc::io, std::string("signal mask: ") + std::strerror(error));
  UniqueFd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!signals || !wake) return fail(Errc::io, std::string("signalfd: ") + std::strerror(errno));
  return std::unique_ptr<Lifecycle>(new Lifecycle(
      std::make_unique<Impl>(options, std::move(on_stop), std::move(signals), std::move(wake))));
}

void Lifecycle::request_stop() { impl_->request_stop(); }
void Lifecycle::wait_for_stop() { impl_->wait_for_stop(); }
bool Lifecycle::stopping() const { return impl_->stopping(); }

} // namespace graphrag::runtime
