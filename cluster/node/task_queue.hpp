#pragma once
// Tasks for one thread, from all threads.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/clock.hpp"

namespace graphrag::cluster {

class TaskQueue {
public:
  using Task = std::function<void()>;

  // False when it is closed: the task was not taken.
  bool post(Task task) {
    {
      const std::lock_guard lock{mutex_};
      if (closed_) return false;
      tasks_.push_back(std::move(task));
    }
    ready_.notify_one();
    return true;
  }
  // Everything that waits; empty when nothing came before `until` or the queue is closed.
  std::vector<Task> take(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock{mutex_};
    ready_.wait_until(lock, until, [&] { return closed_ || !tasks_.empty(); });
    return std::exchange(tasks_, {});
  }
  std::vector<Task> take_now() {
    const std::lock_guard lock{mutex_};
    return std::exchange(tasks_, {});
  }
  void close() {
    {
      const std::lock_guard lock{mutex_};
      closed_ = true;
    }
    ready_.notify_all();
  }
  bool closed() const {
    const std::lock_guard lock{mutex_};
    return closed_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Task> tasks_;
  bool closed_ = false;
};

} // namespace graphrag::cluster
