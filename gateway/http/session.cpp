#include "gateway/http/session.hpp"

#include "gateway/http/server_core.hpp"

namespace graphrag::gateway {

using boost::asio::ip::tcp;

Session::Session(std::shared_ptr<ServerCore> core, Socket socket, std::string client,
                 std::string client_key, bool from_proxy)
    : core_(std::move(core)), strand_(socket.get_executor()), socket_(std::move(socket)),
      client_(std::move(client)), client_key_(std::move(client_key)), from_proxy_(from_proxy) {}

Session::~Session() = default;

void Session::start() {
  on_strand([](Session& self) {
    boost::system::error_code ignored;
    self.socket_.set_option(tcp::no_delay(true), ignored);
    self.socket_.non_blocking(true, ignored);
    self.head_since_ = self.idle_since_ = std::chrono::steady_clock::now();
  });
}

// pump() closes what is quiet once the server drains.
void Session::drain() {
  on_strand([](Session&) {});
}

void Session::close() {
  on_strand([](Session& self) { self.abort("the server stops"); });
}

void Session::pump() {
  if (closed_) return;
  inside_ = true;
  do {
    again_ = false;
    while (!closed_ && reading_ != Reading::discard) {
      const bool more = reading_ == Reading::head ? read_head() : read_body();
      if (!more) break;
    }
    if (reading_ == Reading::discard && !in_.empty()) {
      cut_short_ = true;
      in_.clear();
    }
    // What was sent makes room for requests that were held back.
    if (!closed_ && write_out() && held_) again_ = true;
  } while (again_ && !closed_);
  inside_ = false;
  if (closed_) return;

  if (queue_.empty() && out_.empty() && !lingering_) {
    const bool between = in_.empty() && reading_ == Reading::head;
    const bool draining = core_->draining.load(std::memory_order_relaxed);
    if (reading_ == Reading::discard || end_of_input_ || (between && draining)) finish_connection();
  }
  if (closed_) return;
  arm_read();
  rearm();
}

void Session::arm_read() {
  if (read_pending_ || end_of_input_ || closed_) return;
  std::size_t least = 1;
  if (reading_ == Reading::head) {
    if (held_ && in_.size() >= ReadBuffer::quiet_size) return;
    if (queue_.empty() && in_.empty()) in_.shrink();
    least = in_.empty() ? ReadBuffer::quiet_size : 1024;
  } else if (reading_ == Reading::body) {
    if (paused_) return;
    const bool large = body_.chunked || body_.remaining > ReadBuffer::quiet_size;
    if (large && in_.empty())
      least = body_read_size;
    else if (in_.size() >= body_read_size)
      return;
  }
  const auto room = in_.prepare(least);
  read_pending_ = true;
  socket_.async_read_some(
      boost::asio::buffer(room.data(), room.size()),
      [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
        auto work = [error, bytes](Session& session) { session.on_read(error, bytes); };
        self->enter(work);
      });
}

void Session::on_read(boost::system::error_code error, std::size_t bytes) {
  read_pending_ = false;
  if (closed_) return;
  if (error == boost::asio::error::eof) return on_end_of_input();
  if (error) return abort("the client has gone");
  if (lingering_) {
    lingered_ += bytes;
    if (lingered_ > linger_bytes) abort("lingered enough");
    return;
  }
  if (reading_ == Reading::head && in_.empty()) head_since_ = std::chrono::steady_clock::now();
  if (reading_ == Reading::body) window_bytes_ += bytes;
  in_.commit(bytes);
}

// The client will send no more. What it has asked for whole is still answered.
void Session::on_end_of_input() {
  end_of_input_ = true;
  if (lingering_) return finish_connection();
  if (reading_ == Reading::head && !held_ && !in_.empty()) stop_requests();
}

void Session::stop_requests() {
  reading_ = Reading::discard;
  held_ = false;
  in_.clear();
}

// Everything owed has been sent. When the client may still be sending, the kernel would answer its
// bytes with a reset that can overtake our last answer, so we read on for a short while.
void Session::finish_connection() {
  boost::system::error_code ignored;
  if (lingering_ || end_of_input_ || !cut_short_) return abort("done");
  lingering_ = true;
  in_.clear();
  linger_until_ = std::chrono::steady_clock::now() +
                  std::min<std::chrono::milliseconds>(core_->options.write_deadline,
                                                      std::chrono::milliseconds(2000));
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Session::reset() {
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
}

void Session::abort(std::string_view reason) {
  if (closed_) return;
  closed_ = true;
  wake_at_.store(INT64_MAX, std::memory_order_relaxed);
  boost::system::error_code ignored;
  socket_.close(ignored);
  abort_consumer(reason);
  while (!queue_.empty()) {
    auto exchange = std::move(queue_.front());
    queue_.pop_front();
    if (exchange.stream) exchange.stream->kill();
    end_exchange(exchange, 499); // what the client never saw
  }
  if (stream_in_out_) stream_in_out_->kill();
  stream_in_out_.reset();
  out_.clear();
  body_ = IncomingBody{};
  core_->sessions.leave(client_key_);
  core_->sessions.remove(this);
  core_->probe.connections(core_->sessions.count());
}

} // namespace graphrag::gateway
