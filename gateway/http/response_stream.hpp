#pragma once
// The queue between the writer of a streamed answer (any thread) and its session (one strand).
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "gateway/http/message.hpp"

namespace graphrag::gateway {

// Shared by both sides. Bytes count as queued until the kernel has taken them.
class StreamState {
public:
  // `wake` tells the session that there is something to take; called from any thread, without the
  // lock, at most once per take().
  StreamState(std::function<void()> wake, std::size_t bound)
      : wake_(std::move(wake)), bound_(bound) {}

  // The writer's side.
  bool write(std::string&& chunk);
  void finish();
  void abandon(); // the writer went away; no effect after finish()
  std::size_t queued() const;

  // The session's side.
  enum class Status : std::uint8_t { open, finished, abandoned };
  Status take(std::string& out); // everything pending, in order; status after it
  void sent(std::size_t bytes);
  void kill(); // the client has gone: from now on write() is false

private:
  void signal(std::unique_lock<std::mutex>& lock);

  std::function<void()> wake_;
  const std::size_t bound_;
  mutable std::mutex mutex_;
  std::string pending_;
  std::size_t queued_ = 0;
  Status status_ = Status::open;
  bool dead_ = false, signalled_ = false;
};

// The writer's handle: its end abandons the stream.
class StreamHandle final : public ResponseStream {
public:
  explicit StreamHandle(std::shared_ptr<StreamState> state) : state_(std::move(state)) {}
  ~StreamHandle() override { state_->abandon(); }
  StreamHandle(const StreamHandle&) = delete;
  StreamHandle& operator=(const StreamHandle&) = delete;
  bool write(std::string chunk) override { return state_->write(std::move(chunk)); }
  void finish() override { state_->finish(); }
  std::size_t queued_bytes() const override { return state_->queued(); }

private:
  std::shared_ptr<StreamState> state_;
};

} // namespace graphrag::gateway
