// Session: its deadlines. No timer per connection: the session says when it wants to be woken, and
// the server's coarse tick wakes those that are due.
#include "gateway/http/problem.hpp"
#include "gateway/http/server_core.hpp"
#include "gateway/http/session.hpp"

namespace graphrag::gateway {

void Session::restart_body_window(Time now) {
  window_start_ = now;
  window_bytes_ = 0;
}

Session::Time Session::body_window_end() const {
  return window_start_ + std::min<std::chrono::milliseconds>(core_->options.body_deadline,
                                                             std::chrono::seconds(10));
}

void Session::rearm() {
  const auto& options = core_->options;
  auto at = Time::max();
  if (lingering_) {
    at = linger_until_;
  } else {
    if (blocked_) {
      at = std::min(
          {at, write_since_ + options.write_deadline, out_since_ + options.total_deadline});
    }
    for (const auto& exchange : queue_) {
      if (exchange.state != Exchange::State::answered) at = std::min(at, exchange.deadline);
    }
    if (reading_ == Reading::body && !paused_) at = std::min(at, body_window_end());
    if (reading_ == Reading::head && !held_) {
      if (!in_.empty() || fresh_)
        at = std::min(at, head_since_ + options.header_deadline);
      else if (queue_.empty() && out_.empty())
        at = std::min(at, idle_since_ + options.idle_deadline);
    }
  }
  wake_at_.store(at.time_since_epoch().count(), std::memory_order_relaxed);
}

void Session::check_deadlines() {
  on_strand([](Session& self) {
    if (!self.closed_) self.on_deadline();
  });
}

void Session::on_deadline() {
  const auto& options = core_->options;
  const auto now = std::chrono::steady_clock::now();
  if (lingering_) {
    if (now >= linger_until_) abort("done");
    return;
  }
  if (blocked_ && (now >= write_since_ + options.write_deadline ||
                   now >= out_since_ + options.total_deadline)) {
    core_->probe.rejected("slow_reader");
    reset(); // else the kernel would keep feeding the buffers of a client that hardly reads
    return abort("the client does not read");
  }
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    auto& exchange = queue_[i];
    if (exchange.state == Exchange::State::answered || now < exchange.deadline) continue;
    if (exchange.state == Exchange::State::streaming) return abort("the answer stands still");
    if (reading_ == Reading::body && body_.exchange == exchange.number) {
      fail_body({408, "request_timeout", "the request did not arrive in time"});
    } else {
      settle(exchange,
             problem(504, "timeout", "the answer did not come in time", exchange.trace_id));
    }
  }
  if (reading_ == Reading::body && !paused_ && now >= body_window_end()) {
    const std::chrono::duration<double> window = now - window_start_;
    const auto least = std::max(1.0, window.count() * options.min_body_rate);
    if (static_cast<double>(window_bytes_) < least) {
      core_->probe.rejected("slow_body");
      fail_body({408, "request_timeout", "the body arrives too slowly"});
    } else {
      restart_body_window(now);
    }
  }
  if (!closed_ && reading_ == Reading::head && !held_) {
    if (!in_.empty() && now >= head_since_ + options.header_deadline) {
      refuse({408, "request_timeout", "the request head did not arrive in time"});
    } else if (in_.empty() && fresh_ && now >= head_since_ + options.header_deadline) {
      core_->probe.rejected("silent_connection");
      return abort("nothing was asked");
    } else if (in_.empty() && !fresh_ && queue_.empty() && out_.empty() &&
               now >= idle_since_ + options.idle_deadline) {
      return abort("idle");
    }
  }
}

} // namespace graphrag::gateway
