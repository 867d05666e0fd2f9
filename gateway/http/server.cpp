#include "gateway/http/server.hpp"

#include <cerrno>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/http/acceptor.hpp"
#include "gateway/http/server_core.hpp"
#include "gateway/http/session.hpp"

namespace graphrag::gateway {
namespace {

using boost::asio::ip::tcp;

std::chrono::milliseconds tick_of(const ServerOptions& o) {
  const auto shortest = std::min(
      {o.header_deadline, o.body_deadline, o.idle_deadline, o.write_deadline, o.total_deadline});
  return std::clamp(shortest / 8, std::chrono::milliseconds(2), std::chrono::milliseconds(250));
}

// Wakes the sessions whose deadline has come, a few times a second.
class Ticker : public std::enable_shared_from_this<Ticker> {
public:
  Ticker(boost::asio::io_context& io, std::shared_ptr<ServerCore> core)
      : strand_(boost::asio::make_strand(io)), timer_(strand_), core_(std::move(core)),
        period_(tick_of(core_->options)) {}

  void start() {
    boost::asio::post(strand_, [self = shared_from_this()] { self->wait(); });
  }
  void stop() {
    boost::asio::post(strand_, [self = shared_from_this()] {
      self->stopped_ = true;
      self->timer_.cancel();
    });
  }

private:
  void wait() {
    if (stopped_) return;
    timer_.expires_after(period_);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error) return;
      const auto now = std::chrono::steady_clock::now().time_since_epoch();
      for (const auto& session : self->core_->sessions.due(now.count())) session->check_deadlines();
      self->wait();
    });
  }

  Strand strand_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, Strand>
      timer_;
  std::shared_ptr<ServerCore> core_;
  const std::chrono::milliseconds period_;
  bool stopped_ = false;
};

class BeastServer final : public HttpServer {
public:
  BeastServer(boost::asio::io_context& io, std::shared_ptr<ServerCore> core,
              tcp::acceptor listening)
      : core_(core), port_(listening.local_endpoint().port()),
        acceptor_(std::make_shared<Acceptor>(io, core, std::move(listening))),
        ticker_(std::make_shared<Ticker>(io, std::move(core))) {}
  ~BeastServer() override {
    acceptor_->stop();
    ticker_->stop();
    // The sessions and what they share own each other; the end of the server parts them.
    for (const auto& session : core_->sessions.release()) session->close();
  }
  BeastServer(const BeastServer&) = delete;
  BeastServer& operator=(const BeastServer&) = delete;

  std::uint16_t port() const override { return port_; }
  void start() override {
    acceptor_->start();
    ticker_->start();
  }
  void drain() override {
    core_->draining.store(true, std::memory_order_relaxed);
    acceptor_->stop();
    for (const auto& session : core_->sessions.all()) session->drain();
  }
  std::size_t open_requests() const override {
    return core_->open_requests.load(std::memory_order_relaxed);
  }
  void close_all() override {
    for (const auto& session : core_->sessions.all()) session->close();
  }

private:
  std::shared_ptr<ServerCore> core_;
  const std::uint16_t port_;
  std::shared_ptr<Acceptor> acceptor_;
  std::shared_ptr<Ticker> ticker_;
};

runtime::Errc errc_of(const boost::system::error_code& error) {
  return error == boost::asio::error::address_in_use  ? runtime::Errc::already_exists
         : error == boost::asio::error::access_denied ? runtime::Errc::invalid_argument
                                                      : runtime::Errc::io;
}

} // namespace

runtime::Result<std::unique_ptr<HttpServer>>
HttpServer::bind(boost::asio::io_context& io, ServerOptions options, std::vector<Route> routes) {
  boost::system::error_code error;
  const auto where = options.address + ":" + std::to_string(options.port);
  const auto address = boost::asio::ip::make_address(options.address, error);
  if (error) {
    return runtime::fail(runtime::Errc::invalid_argument,
                         "not an address to listen on: " + options.address);
  }
  auto proxies = TrustedProxies::parse(options.trusted_proxies);
  if (!proxies) {
    return runtime::fail(runtime::Errc::invalid_argument, "a trusted proxy is not a network");
  }
  const tcp::endpoint endpoint{address, options.port};
  tcp::acceptor acceptor{io};
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(boost::asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error)
    return runtime::fail(errc_of(error), "cannot listen on " + where + ": " + error.message());
  auto core =
      std::make_shared<ServerCore>(std::move(options), std::move(routes), std::move(*proxies));
  return std::make_unique<BeastServer>(io, std::move(core), std::move(acceptor));
}

} // namespace graphrag::gateway
