#include "gateway/http/response_stream.hpp"

namespace graphrag::gateway {

void StreamState::signal(std::unique_lock<std::mutex>& lock) {
  if (signalled_ || dead_) return;
  signalled_ = true;
  lock.unlock();
  wake_();
}

bool StreamState::write(std::string&& chunk) {
  std::unique_lock lock{mutex_};
  if (dead_ || status_ != Status::open) return false;
  if (chunk.empty()) return true;
  // A chunk larger than the bound passes when nothing else waits, so that it is not refused for
  // ever.
  if (queued_ > 0 && queued_ + chunk.size() > bound_) return false;
  queued_ += chunk.size();
  if (pending_.empty())
    pending_ = std::move(chunk);
  else
    pending_ += chunk;
  signal(lock);
  return true;
}

void StreamState::finish() {
  std::unique_lock lock{mutex_};
  if (dead_ || status_ != Status::open) return;
  status_ = Status::finished;
  signal(lock);
}

void StreamState::abandon() {
  std::unique_lock lock{mutex_};
  if (dead_ || status_ != Status::open) return;
  status_ = Status::abandoned;
  signal(lock);
}

std::size_t StreamState::queued() const {
  std::lock_guard lock{mutex_};
  return queued_;
}

StreamState::Status StreamState::take(std::string& out) {
  std::lock_guard lock{mutex_};
  signalled_ = false;
  out = std::move(pending_);
  pending_.clear();
  return status_;
}

void StreamState::sent(std::size_t bytes) {
  std::lock_guard lock{mutex_};
  queued_ -= bytes;
}

void StreamState::kill() {
  std::lock_guard lock{mutex_};
  dead_ = true;
  pending_.clear();
  queued_ = 0;
}

} // namespace graphrag::gateway
