#include "runtime/sandbox/pool_loop.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "observability/log.hpp"
#include "runtime/check.hpp"

namespace graphrag::runtime::sandbox {
namespace {

using namespace std::chrono_literals;
using Kind = ParserOutcome::Kind;

// The tag of an epoll event: a child's number and which of its descriptors it was.
constexpr std::uint64_t wake_tag = 0;
constexpr std::uint64_t channel_tag(std::uint64_t child) { return child << 1; }
constexpr std::uint64_t ended_tag(std::uint64_t child) { return (child << 1) | 1; }

constexpr auto memory_interval = 50ms;
constexpr unsigned starts_before_broken = 3;

bool watch(const UniqueFd& epoll, int fd, std::uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

} // namespace

Result<std::unique_ptr<PoolLoop>> PoolLoop::make(ParserPoolOptions options) {
  std::unique_ptr<PoolLoop> loop(new PoolLoop(std::move(options)));
  loop->epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  loop->wake_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!loop->epoll_ || !loop->wake_ || !watch(loop->epoll_, loop->wake_.get(), wake_tag))
    return fail(Errc::io, std::string("parser pool: ") + std::strerror(errno));
  return loop;
}

void PoolLoop::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

Status PoolLoop::enqueue(PendingJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return fail(Errc::canceled, "the parsers are stopped");
    if (broken_) return fail(Errc::unavailable, "parsers cannot be started");
    const bool full =
        queue_.size() >= options_.max_queue ||
        (!queue_.empty() && queue_bytes_ + job.memory.bytes > options_.max_queue_bytes);
    if (full) {
      probe_.refused();
      return fail(Errc::overloaded, "too many documents wait for a parser");
    }
    queue_bytes_ += job.memory.bytes;
    queue_.push_back(std::move(job));
    probe_.queued(1);
  }
  wake();
  return {};
}

void PoolLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
}

void PoolLoop::run() {
  std::vector<epoll_event> events(64);
  for (;;) {
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      stopping = stopping_;
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    if (stopping) {
      for (auto& [id, child] : children_)
        if (child.state != ChildState::ending) kill(child, Kind::canceled);
      give_up_queue(Kind::canceled, "the parsers were stopped");
      if (children_.empty()) return;
    } else {
      keep_ready(now);
      dispatch(now);
      keep_ready(now); // in the place of those that were just given work
    }
    const int ready =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms(now));
    RUNTIME_CHECK(ready >= 0 || errno == EINTR, "epoll_wait failed");
    for (int i = 0; i < ready; ++i) handle(events[static_cast<std::size_t>(i)].data.u64);
    look_after(std::chrono::steady_clock::now());
  }
}

void PoolLoop::keep_ready(SteadyTime now) {
  while (count(ChildState::starting) + count(ChildState::idle) < options_.children &&
         now >= next_start_) {
    ChildSetup setup;
    setup.address_space = options_.address_space;
    setup.cpu_seconds = options_.cpu_seconds;
    setup.open_files = options_.open_files;
    setup.max_answer = options_.max_answer;
    setup.use_landlock = options_.use_landlock ? 1 : 0;
    auto process = spawn_child(options_.executable, options_.arguments, setup);
    if (!process) return start_failed(process.error().detail, now);
    const std::uint64_t id = next_child_++;
    const auto [at, added] =
        children_.try_emplace(id, std::move(*process), now + options_.start_deadline);
    probe_.entered(ChildState::starting);
    RUNTIME_CHECK(watch(epoll_, at->second.process().channel.get(), channel_tag(id)) &&
                      watch(epoll_, at->second.process().ended.get(), ended_tag(id)),
                  "epoll_ctl failed");
  }
}

void PoolLoop::start_failed(const std::string& why, SteadyTime now) {
  probe_.failed_start();
  ++failed_starts_;
  const auto pause =
      std::min<std::chrono::milliseconds>(10s, 100ms * (1U << std::min(failed_starts_, 7U)));
  next_start_ = now + pause;
  observability::log_error("a parser's child did not start",
                           {{"error.message", why},
                            {"graphrag.attempts", std::int64_t{failed_starts_}},
                            {"graphrag.retry_ms", std::int64_t{pause.count()}}});
  if (failed_starts_ < starts_before_broken || count(ChildState::idle) > 0) return;
  {
    const std::lock_guard lock(mutex_);
    broken_ = true;
  }
  give_up_queue(Kind::unavailable, "parsers cannot be started");
}

std::optional<PendingJob> PoolLoop::next_job() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  PendingJob job = std::move(queue_.front());
  queue_.pop_front();
  queue_bytes_ -= job.memory.bytes;
  probe_.queued(-1);
  return job;
}

void PoolLoop::put_back(PendingJob job) {
  const std::lock_guard lock(mutex_);
  queue_bytes_ += job.memory.bytes;
  queue_.push_front(std::move(job));
  probe_.queued(1);
}

void PoolLoop::dispatch(SteadyTime now) {
  for (auto& [id, child] : children_) {
    if (child.state != ChildState::idle) continue;
    if (count(ChildState::busy) >= options_.children) return;
    auto job = next_job();
    if (!job) return;
    child.job = std::move(job);
    child.begun = now;
    child.deadline =
        now + (child.job->deadline.count() > 0 ? child.job->deadline : options_.deadline);
    enter(child, ChildState::busy);
    if (send_request(child.process().channel, child.job->memory)) {
      child.job->memory.fd.reset();
      continue;
    }
    // It just died without having seen the document: the next one gets it.
    put_back(std::move(*child.job));
    child.job.reset();
    child.kill();
    unwatch(child.process().channel);
    enter(child, ChildState::ending);
  }
}

void PoolLoop::give_up_queue(Kind kind, const std::string& detail) {
  while (auto job = next_job()) {
    ParserOutcome outcome;
    outcome.kind = kind;
    outcome.detail = detail;
    probe_.finished(outcome, job->format);
    job->done(std::move(outcome));
  }
}

int PoolLoop::wait_ms(SteadyTime now) const {
  SteadyTime until = now + 60s;
  for (const auto& [id, child] : children_) {
    if (child.state == ChildState::starting || child.state == ChildState::busy)
      until = std::min(until, child.deadline);
    if (child.state == ChildState::busy) until = std::min(until, now + memory_interval);
  }
  if (next_start_ > now) until = std::min(until, next_start_);
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now);
  return static_cast<int>(std::max<std::int64_t>(0, wait.count()));
}

void PoolLoop::handle(std::uint64_t tag) {
  if (tag == wake_tag) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
    return;
  }
  const auto at = children_.find(tag >> 1);
  if (at == children_.end()) return; // ended within this very batch of events
  if ((tag & 1) != 0)
    on_ended(at);
  else
    on_channel(at->second);
}

void PoolLoop::on_channel(PoolChild& child) {
  if (child.state == ChildState::ending) return;
  auto progress = Progress::broken; // an idle child has nothing to say
  if (child.state == ChildState::starting) progress = child.read_hello();
  if (child.state == ChildState::busy) progress = child.read_answer(options_.max_answer);
  if (progress == Progress::more || progress == Progress::nothing) return;
  if (progress == Progress::complete && child.state == ChildState::starting) {
    failed_starts_ = 0;
    enter(child, ChildState::idle);
    const std::lock_guard lock(mutex_);
    broken_ = false;
    return;
  }
  unwatch(child.process().channel);
  if (progress == Progress::complete) finish(child, child.take_answer());
  // Closed: it is ending by itself, or it hides; the kill changes nothing for the former.
  child.kill();
  if (progress == Progress::broken && child.job) child.killed_for = Kind::crashed;
  if (child.state != ChildState::starting && !child.job) enter(child, ChildState::ending);
}

void PoolLoop::on_ended(Children::iterator at) {
  PoolChild& child = at->second;
  while (child.job && !child.killed_for) { // what it said before it ended still counts
    const auto progress = child.read_answer(options_.max_answer);
    if (progress == Progress::complete) finish(child, child.take_answer());
    if (progress != Progress::more) break;
  }
  const Exit exit = reap(child.process().pid);
  if (child.job) finish(child, child.explain(exit, options_));
  if (child.state == ChildState::starting && child.killed_for != Kind::canceled) {
    std::string why = read_errors(child.process().errors);
    if (why.empty()) why = child.explain(exit, options_).detail;
    start_failed(why, std::chrono::steady_clock::now());
  }
  probe_.left(child.state);
  children_.erase(at); // closing the descriptors takes them out of the epoll set
}

void PoolLoop::look_after(SteadyTime now) {
  for (auto& [id, child] : children_) {
    const bool timed = child.state == ChildState::starting || child.state == ChildState::busy;
    if (timed && now >= child.deadline && !child.killed_for) {
      child.killed_for = Kind::timeout;
      child.kill();
    }
    if (child.state == ChildState::busy && child.job && !child.killed_for &&
        child.over_memory(options_.resident)) {
      child.killed_for = Kind::memory;
      child.kill();
    }
  }
}

void PoolLoop::kill(PoolChild& child, Kind why) {
  if (!child.killed_for) child.killed_for = why;
  child.kill();
  if (child.job) {
    ParserOutcome outcome;
    outcome.kind = why;
    outcome.detail = "the parsers were stopped";
    finish(child, std::move(outcome));
  }
  unwatch(child.process().channel);
  if (child.state != ChildState::starting) enter(child, ChildState::ending);
}

void PoolLoop::finish(PoolChild& child, ParserOutcome outcome) {
  outcome.took = std::chrono::steady_clock::now() - child.begun;
  PendingJob job = std::move(*child.job);
  child.job.reset();
  probe_.finished(outcome, job.format);
  if (outcome.kind == Kind::crashed)
    observability::log_warn("a parser's child failed",
                            {{"error.message", outcome.detail},
                             {"process.pid", std::int64_t{child.process().pid}},
                             {"graphrag.format", job.format}});
  job.done(std::move(outcome));
}

void PoolLoop::enter(PoolChild& child, ChildState state) {
  probe_.left(child.state);
  child.state = state;
  probe_.entered(state);
}

void PoolLoop::unwatch(const UniqueFd& fd) const {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd.get(), nullptr);
}

std::size_t PoolLoop::count(ChildState state) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      children_, [state](const auto& at) { return at.second.state == state; }));
}

} // namespace graphrag::runtime::sandbox
