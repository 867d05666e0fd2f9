#pragma once
// One connection: reads requests, hands them to routes, writes the answers in order. All of it runs
// on the connection's strand; only the members marked so may be called from elsewhere.
//
//   bytes -> HeadScanner -> check_head -> Request -> route -> exchange queue -> WriteQueue -> bytes
//
// pump() is the one driver: it reads from the buffer and writes to the socket until neither can go
// on.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "gateway/http/exchange.hpp"
#include "gateway/http/read_buffer.hpp"
#include "gateway/http/strict_head.hpp"
#include "gateway/http/write_queue.hpp"
#include "runtime/error.hpp"

namespace graphrag::gateway {

struct ServerCore;

using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Strand>;

class Session : public std::enable_shared_from_this<Session> {
public:
  // `client` is who asks, `client_key` the unit of the limit per client.
  Session(std::shared_ptr<ServerCore> core, Socket socket, std::string client,
          std::string client_key, bool from_proxy);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // From any thread.
  void start();
  void drain();
  void close();
  void check_deadlines();
  std::int64_t wake_at() const { return wake_at_.load(std::memory_order_relaxed); }

private:
  using Time = runtime::SteadyTime;
  enum class Reading : std::uint8_t {
    head,    // the next request
    body,    // body_ of the last request
    discard, // no further request is read
  };
  static constexpr std::size_t max_outstanding = 16;
  static constexpr std::size_t body_read_size = 64 * 1024;
  static constexpr std::uint64_t drop_at_most = 64 * 1024;       // of a body nobody wants
  static constexpr std::uint64_t linger_bytes = 4 * 1024 * 1024; // read after the last answer

  // Runs `work(session)` on the strand, then pumps. Work that is called from within (a handler that
  // answers at once) runs at once, and the pump that is under way takes up what it changed: so
  // nothing that a callback does can pull the queue from under the code that called it.
  template <class F>
  void on_strand(F&& work) {
    if (strand_.running_in_this_thread()) {
      enter(work);
    } else {
      boost::asio::post(strand_, [self = shared_from_this(),
                                  work = std::forward<F>(work)]() mutable { self->enter(work); });
    }
  }
  template <class F>
  void enter(F& work) {
    if (inside_) {
      work(*this);
      again_ = true;
      return;
    }
    inside_ = true;
    work(*this);
    inside_ = false;
    pump();
  }

  // session.cpp: life of the connection
  void pump();
  void arm_read();
  void on_read(boost::system::error_code error, std::size_t bytes);
  void on_end_of_input();
  void stop_requests();
  void finish_connection();
  void abort(std::string_view reason);
  void reset(); // the close that follows drops what the kernel still holds

  // session_head.cpp: from bytes to a routed request
  bool read_head();
  bool must_wait(const Head& head) const;
  std::shared_ptr<Request> make_request(std::string_view raw, const Head& head);
  Exchange& open_exchange(bool keep_alive, std::string_view method);
  void route_request(std::shared_ptr<Request> request, const Head& head);
  std::optional<Response> refuse_request(Request& request, const Head& head, Exchange& exchange);
  void refuse(const Refusal& refusal);

  // session_body.cpp: from bytes to a handler
  bool read_body();
  void take_piece(std::string_view piece);
  void end_of_body();
  void fail_body(const Refusal& refusal);
  void leave_body(Exchange& exchange);
  void abort_consumer(std::string_view reason);
  bool charge(std::uint64_t bytes);
  void resume(std::uint64_t pause);
  void call_route(const Exchange& exchange, std::shared_ptr<Request> request);
  void call_handler(const Exchange& exchange, std::shared_ptr<Request> request);
  void call_stream_handler(const Exchange& exchange, const std::shared_ptr<Request>& request);

  // session_answer.cpp: from answers to bytes
  Exchange* find(std::uint64_t number);
  void answer(std::uint64_t number, runtime::Result<Response> result); // any thread
  void settle(Exchange& exchange, Response response);
  std::shared_ptr<ResponseStream> begin_stream(std::uint64_t number, Response head); // any thread
  void serialise();
  void serialise_stream(Exchange& exchange);
  void end_exchange(Exchange& exchange, int status);
  bool write_out();
  void wait_writable();

  // session_deadlines.cpp
  void rearm();
  void on_deadline();
  void restart_body_window(Time now);
  Time body_window_end() const;

  std::shared_ptr<ServerCore> core_;
  Strand strand_;
  Socket socket_;
  const std::string client_, client_key_;
  const bool from_proxy_;

  ReadBuffer in_;
  HeadScanner scanner_;
  Reading reading_ = Reading::head;
  bool held_ = false;       // a whole head waits for its turn
  bool paused_ = false;     // the consumer has not asked for more
  std::uint64_t pause_ = 0; // number of the present pause
  IncomingBody body_;

  std::deque<Exchange> queue_;
  std::uint64_t next_number_ = 0;
  WriteQueue out_;
  std::size_t unwritten_ = 0; // answers in out_
  std::size_t stream_bytes_in_out_ = 0;
  std::shared_ptr<StreamState> stream_in_out_;

  bool inside_ = false, again_ = false;
  bool read_pending_ = false, write_pending_ = false;
  bool blocked_ = false; // the kernel's buffer was full and out_ has not been empty since
  bool broken_ = false;  // the writer of a streamed answer gave up
  bool end_of_input_ = false;
  bool cut_short_ = false; // we stopped reading before the client stopped sending
  bool lingering_ = false, closed_ = false;
  bool fresh_ = true; // no request yet
  std::uint64_t lingered_ = 0;

  Time head_since_, idle_since_, write_since_, out_since_, linger_until_, window_start_;
  std::uint64_t window_bytes_ = 0;
  std::atomic<std::int64_t> wake_at_{INT64_MAX};
};

} // namespace graphrag::gateway
