// Session: from answers to bytes, in the order of the requests.
#include <boost/asio/write.hpp>

#include "gateway/http/problem.hpp"
#include "gateway/http/response_head.hpp"
#include "gateway/http/server_core.hpp"
#include "gateway/http/session.hpp"

namespace graphrag::gateway {

Exchange* Session::find(std::uint64_t number) {
  if (queue_.empty() || number < queue_.front().number) return nullptr;
  const auto at = number - queue_.front().number;
  return at < queue_.size() ? &queue_[at] : nullptr;
}

void Session::answer(std::uint64_t number, runtime::Result<Response> result) {
  on_strand([number, result = std::move(result)](Session& self) mutable {
    auto* exchange = self.find(number);
    if (!exchange || exchange->state != Exchange::State::open) return; // late: it was answered
    self.settle(*exchange,
                result ? std::move(*result) : problem_of(result.error(), exchange->trace_id));
  });
}

void Session::settle(Exchange& exchange, Response response) {
  exchange.response = std::move(response);
  exchange.state = Exchange::State::answered;
  leave_body(exchange);
}

std::shared_ptr<ResponseStream> Session::begin_stream(std::uint64_t number, Response head) {
  auto wake = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->on_strand([](Session&) {});
  };
  auto state = std::make_shared<StreamState>(std::move(wake), core_->options.stream_queue_bound);
  on_strand([number, state, head = std::move(head)](Session& self) mutable {
    auto* exchange = self.find(number);
    if (!exchange || exchange->state != Exchange::State::open) return state->kill();
    exchange->state = Exchange::State::streaming;
    exchange->response = std::move(head);
    exchange->stream = std::move(state);
  });
  return std::make_shared<StreamHandle>(std::move(state));
}

// Moves what is ready from the front of the queue into out_.
void Session::serialise() {
  while (!queue_.empty()) {
    auto& exchange = queue_.front();
    if (exchange.state == Exchange::State::open) break;
    if (exchange.state == Exchange::State::streaming) {
      serialise_stream(exchange);
      if (exchange.stream) return; // more to come
    } else {
      auto& response = exchange.response;
      AnswerFraming framing{exchange.keep_alive, exchange.http10, response.body.size()};
      out_.append(
          [&](std::string& out) { append_head(out, response, exchange.trace_id, framing); });
      const bool bodiless = exchange.head_only || response.status == 204 || response.status == 304;
      if (!bodiless && !response.body.empty()) out_.push(std::move(response.body));
    }
    ++unwritten_;
    const bool last = !exchange.keep_alive;
    end_exchange(exchange, exchange.response.status);
    queue_.pop_front();
    if (last) {
      while (!queue_.empty()) { // pipelined behind a request that closes: never to be answered
        end_exchange(queue_.front(), 499);
        queue_.pop_front();
      }
      if (reading_ != Reading::discard) stop_requests();
    }
  }
  if (queue_.empty()) idle_since_ = std::chrono::steady_clock::now();
}

// The head of a stream, then one chunk for everything that was written meanwhile; the next only
// when the kernel has taken this one. Resets `stream` at its end.
void Session::serialise_stream(Exchange& exchange) {
  if (stream_in_out_ || broken_) return;
  const bool chunked = !exchange.http10;
  if (!exchange.head_sent) {
    exchange.head_sent = true;
    if (!chunked) exchange.keep_alive = false;
    const AnswerFraming framing{exchange.keep_alive, exchange.http10, std::nullopt};
    out_.append(
        [&](std::string& out) { append_head(out, exchange.response, exchange.trace_id, framing); });
  }
  std::string data;
  const auto status = exchange.stream->take(data);
  if (!data.empty()) {
    stream_bytes_in_out_ = data.size();
    stream_in_out_ = exchange.stream;
    if (!exchange.head_only) {
      out_.append([&](std::string& out) {
        if (!chunked) return;
        char size[24];
        out.append(size, static_cast<std::size_t>(
                             std::snprintf(size, sizeof size, "%zx\r\n", data.size())));
      });
      out_.push(std::move(data));
      if (chunked) out_.append([](std::string& out) { out += "\r\n"; });
    }
  }
  broken_ = status == StreamState::Status::abandoned; // what was written is still sent
  if (status == StreamState::Status::finished) {
    if (chunked && !exchange.head_only) {
      out_.append([](std::string& out) { out += "0\r\n\r\n"; });
    }
    leave_body(exchange);
    exchange.stream.reset();
  }
}

void Session::end_exchange(Exchange& exchange, int status) {
  core_->open_requests.fetch_sub(1, std::memory_order_relaxed);
  if (exchange.buffered > 0) {
    core_->buffered_body.fetch_sub(exchange.buffered, std::memory_order_relaxed);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - exchange.started;
  if (exchange.probe) exchange.probe->answered(status, took.count());
}

// Sends until nothing is left or the kernel's buffer is full. True when answers were sent whole.
bool Session::write_out() {
  bool made_room = false;
  while (!closed_ && !write_pending_) {
    serialise();
    if (out_.empty()) {
      if (broken_) {
        // Without chunks, an orderly end of the connection would look like the end of the answer.
        if (queue_.front().http10) reset();
        abort("the answer was given up");
      }
      break;
    }
    boost::system::error_code error;
    const auto n = socket_.write_some(out_.buffers(), error);
    const auto now = std::chrono::steady_clock::now();
    if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
      wait_writable();
      break;
    }
    if (error) {
      abort("the client has gone");
      return false;
    }
    out_.consume(n);
    if (!out_.empty()) continue;
    blocked_ = false;
    made_room = made_room || unwritten_ > 0;
    unwritten_ = 0;
    if (stream_in_out_) {
      stream_in_out_->sent(stream_bytes_in_out_);
      stream_in_out_.reset();
      if (!queue_.empty() && queue_.front().route) {
        auto& exchange = queue_.front();
        const auto total = exchange.route->total.count() > 0 ? exchange.route->total
                                                             : core_->options.total_deadline;
        exchange.deadline = now + total;
        restart_body_window(now);
      }
    }
  }
  return made_room;
}

void Session::wait_writable() {
  write_since_ = std::chrono::steady_clock::now();
  if (!blocked_) out_since_ = write_since_;
  blocked_ = write_pending_ = true;
  socket_.async_wait(Socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code error) {
                       auto work = [error](Session& session) {
                         session.write_pending_ = false;
                         if (error) session.abort("the client has gone");
                       };
                       self->enter(work);
                     });
}

} // namespace graphrag::gateway
