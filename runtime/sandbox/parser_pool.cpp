#include "runtime/sandbox/parser_pool.hpp"

#include <csignal>
#include <mutex>
#include <pthread.h>
#include <system_error>
#include <thread>

#include "runtime/sandbox/pool_loop.hpp"
#include "runtime/sandbox/self_test.hpp"

namespace graphrag::runtime {

std::string_view to_string(ParserOutcome::Kind kind) noexcept {
  switch (kind) {
  case ParserOutcome::Kind::ok:
    return "ok";
  case ParserOutcome::Kind::crashed:
    return "crashed";
  case ParserOutcome::Kind::timeout:
    return "timeout";
  case ParserOutcome::Kind::memory:
    return "memory";
  case ParserOutcome::Kind::answer_too_large:
    return "answer_too_large";
  case ParserOutcome::Kind::canceled:
    return "canceled";
  case ParserOutcome::Kind::unavailable:
    return "unavailable";
  }
  return "unknown";
}

class ParserPool::Impl {
public:
  Impl(ParserPoolOptions options, ParserProtection protection,
       std::unique_ptr<sandbox::PoolLoop> loop)
      : options_(std::move(options)), protection_(protection), loop_(std::move(loop)),
        thread_([this] { run(); }) {}

  ~Impl() { stop(); }

  Status submit(ParserJob job, std::function<void(ParserOutcome)> done) {
    if (job.head.size() + job.body.size() > options_.max_request)
      return fail(Errc::invalid_argument, "the document is larger than the parsers' limit");
    // On the caller's thread: a large copy must not hold up the other documents.
    auto memory = sandbox::make_request_memory(job.head, job.body);
    if (!memory) return tl::unexpected(memory.error());
    return loop_->enqueue(sandbox::PendingJob{std::move(*memory), job.deadline,
                                              std::move(job.format), std::move(done)});
  }

  void stop() {
    loop_->stop();
    const std::lock_guard lock(joining_);
    if (thread_.joinable()) thread_.join();
  }

  ParserProtection protection() const { return protection_; }

private:
  void run() {
    ::pthread_setname_np(::pthread_self(), "parser-pool");
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    loop_->run();
  }

  const ParserPoolOptions options_;
  const ParserProtection protection_;
  const std::unique_ptr<sandbox::PoolLoop> loop_;
  std::mutex joining_;
  std::thread thread_;
};

ParserPool::ParserPool(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParserPool::~ParserPool() = default;

Result<std::unique_ptr<ParserPool>> ParserPool::start(ParserPoolOptions options) {
  if (options.children == 0 || options.max_queue == 0)
    return fail(Errc::invalid_argument, "a parser pool needs children and a queue");
  auto protection = sandbox::run_self_test(options);
  if (!protection) return tl::unexpected(protection.error());
  auto loop = sandbox::PoolLoop::make(options);
  if (!loop) return tl::unexpected(loop.error());
  try {
    return std::unique_ptr<ParserPool>(
        new ParserPool(std::make_unique<Impl>(std::move(options), *protection, std::move(*loop))));
  } catch (const std::system_error&) {
    return fail(Errc::unavailable, "parser pool: no thread");
  }
}

Status ParserPool::submit(ParserJob job, std::function<void(ParserOutcome)> done) {
  return impl_->submit(std::move(job), std::move(done));
}
void ParserPool::stop() { impl_->stop(); }
ParserProtection ParserPool::protection() const { return impl_->protection(); }

} // namespace graphrag::runtime
