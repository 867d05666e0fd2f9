#pragma once
// The thread that owns all children of a ParserPool: starts them, hands out jobs, keeps deadlines,
// reaps. Everything but the queue belongs to this thread alone.
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "runtime/sandbox/pool_child.hpp"

namespace graphrag::runtime::sandbox {

class PoolLoop {
public:
  // Errors: io, when the kernel gives no epoll or eventfd.
  static Result<std::unique_ptr<PoolLoop>> make(ParserPoolOptions options);

  void run(); // returns after stop(), once no child is left
  Status enqueue(PendingJob job);
  void stop();

private:
  using Children = std::map<std::uint64_t, PoolChild>;

  explicit PoolLoop(ParserPoolOptions options) : options_(std::move(options)) {}
  void wake() const;

  void keep_ready(SteadyTime now);
  void start_failed(const std::string& why, SteadyTime now);
  void dispatch(SteadyTime now);
  std::optional<PendingJob> next_job();
  void put_back(PendingJob job);
  void give_up_queue(ParserOutcome::Kind kind, const std::string& detail);

  int wait_ms(SteadyTime now) const;
  void handle(std::uint64_t tag);
  void on_channel(PoolChild& child);
  void on_ended(Children::iterator at);
  void look_after(SteadyTime now); // deadlines and memory
  void kill(PoolChild& child, ParserOutcome::Kind why);
  void finish(PoolChild& child, ParserOutcome outcome);
  void enter(PoolChild& child, ChildState state);
  void unwatch(const UniqueFd& fd) const;
  std::size_t count(ChildState state) const;

  const ParserPoolOptions options_;
  PoolProbe probe_;
  UniqueFd epoll_, wake_;
  Children children_; // by a number that is never used again
  std::uint64_t next_child_ = 1;
  unsigned failed_starts_ = 0; // in a row
  SteadyTime next_start_{};

  std::mutex mutex_;
  std::deque<PendingJob> queue_;
  std::uint64_t queue_bytes_ = 0;
  bool stopping_ = false;
  bool broken_ = false; // children do not start; jobs are refused until one does
};

} // namespace graphrag::runtime::sandbox
