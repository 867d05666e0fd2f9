#include "gateway/http/acceptor.hpp"

#include <boost/asio/bind_executor.hpp>

#include "gateway/http/problem.hpp"
#include "gateway/http/response_head.hpp"
#include "gateway/http/server_core.hpp"
#include "gateway/http/trace_context.hpp"
#include "observability/log.hpp"

namespace graphrag::gateway {
namespace {

using boost::asio::ip::tcp;

// A connection that was turned away: says so, then waits a moment for the client to close, since
// closing with its request unread would reset the connection before it has read our words.
class Goodbye : public std::enable_shared_from_this<Goodbye> {
public:
  Goodbye(Socket socket, std::shared_ptr<std::atomic<std::size_t>> count)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), count_(std::move(count)) {
    count_->fetch_add(1);
  }
  ~Goodbye() { count_->fetch_sub(1); }
  Goodbye(const Goodbye&) = delete;
  Goodbye& operator=(const Goodbye&) = delete;

  Strand executor() { return socket_.get_executor(); }

  void run() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      boost::system::error_code ignored_too;
      if (!error) self->socket_.close(ignored_too);
    });
    read();
  }

private:
  void read() {
    socket_.async_read_some(
        boost::asio::buffer(buffer_),
        [self = shared_from_this()](boost::system::error_code error, std::size_t n) {
          self->seen_ += n;
          if (error || self->seen_ > 64 * 1024)
            self->timer_.cancel();
          else
            self->read();
        });
  }

  Socket socket_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, Strand>
      timer_;
  std::shared_ptr<std::atomic<std::size_t>> count_;
  std::array<char, 2048> buffer_;
  std::size_t seen_ = 0;
};

} // namespace

Acceptor::Acceptor(boost::asio::io_context& io, std::shared_ptr<ServerCore> core,
                   tcp::acceptor listening)
    : io_(io), strand_(boost::asio::make_strand(io)), core_(std::move(core)),
      acceptor_(std::move(listening)), pause_(io) {}

void Acceptor::start() {
  boost::asio::post(strand_, [self = shared_from_this()] { self->accept(); });
}

void Acceptor::stop() {
  boost::asio::post(strand_, [self = shared_from_this()] {
    self->stopped_ = true;
    boost::system::error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
}

void Acceptor::accept() {
  if (stopped_) return;
  // The socket lives on the strand of its own connection; this handler on ours.
  acceptor_.async_accept(
      boost::asio::make_strand(io_),
      boost::asio::bind_executor(
          strand_, [self = shared_from_this()](boost::system::error_code error, Socket socket) {
            self->on_accept(error, std::move(socket));
          }));
}

void Acceptor::on_accept(boost::system::error_code error, Socket socket) {
  if (stopped_) return;
  if (error) {
    core_->probe.rejected("accept_failed");
    namespace sys = boost::system::errc;
    const bool starved = error == sys::too_many_files_open ||
                         error == sys::too_many_files_open_in_system ||
                         error == sys::no_buffer_space || error == sys::not_enough_memory;
    return starved ? back_off() : accept();
  }
  pause_for_ = std::chrono::milliseconds(0);
  boost::system::error_code gone;
  const auto peer = socket.remote_endpoint(gone).address();
  if (!gone) {
    const bool proxy = core_->proxies.contains(peer);
    auto key = client_key(peer);
    const auto& options = core_->options;
    const auto admission = core_->sessions.admit(options.max_connections, key,
                                                 proxy ? 0 : options.max_connections_per_client);
    if (admission == SessionRegistry::Admission::admitted) {
      auto session = std::make_shared<Session>(core_, std::move(socket), peer.to_string(),
                                               std::move(key), proxy);
      if (!core_->sessions.add(session)) return;
      core_->probe.connections(core_->sessions.count());
      session->start();
    } else {
      turn_away(std::move(socket), admission == SessionRegistry::Admission::client_full);
    }
  }
  accept();
}

void Acceptor::back_off() {
  pause_for_ =
      std::clamp(pause_for_ * 2, std::chrono::milliseconds(50), std::chrono::milliseconds(1000));
  observability::log_warn("cannot accept connections: out of descriptors or memory",
                          {{"server.name", std::string_view(core_->options.name)}});
  pause_.expires_after(pause_for_);
  pause_.async_wait(boost::asio::bind_executor(
      strand_, [self = shared_from_this()](boost::system::error_code error) {
        if (!error) self->accept();
      }));
}

void Acceptor::turn_away(Socket socket, bool client_full) {
  core_->probe.rejected(client_full ? "too_many_connections_of_client" : "too_many_connections");
  const auto trace = new_trace_id();
  auto response = problem(
      503, "too_many_connections",
      client_full ? "too many connections from this address" : "too many connections", trace);
  response.headers.emplace_back("retry-after", "1");
  std::string bytes;
  append_head(bytes, response, trace, {false, false, response.body.size()});
  bytes += response.body;
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(boost::asio::buffer(bytes), ignored); // a fresh socket's buffer takes it whole
  if (goodbyes_->load() >= max_goodbyes) return;
  auto goodbye = std::make_shared<Goodbye>(std::move(socket), goodbyes_);
  boost::asio::post(goodbye->executor(), [goodbye] { goodbye->run(); });
}

} // namespace graphrag::gateway
