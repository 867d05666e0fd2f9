#include "cluster/link/dialer.hpp"

#include <thread>

#include <boost/asio/post.hpp>

#include "runtime/http/lookup.hpp"

namespace graphrag::cluster {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using runtime::Errc;
using runtime::fail;

void Dialer::dial(std::chrono::milliseconds within, Done done) {
  cancel();
  done_ = std::move(done);
  const auto attempt = ++attempt_;
  deadline_.expires_after(within);
  deadline_.async_wait([self = shared_from_this(), attempt](error_code error) {
    if (!error && attempt == self->attempt_)
      self->finish(fail(Errc::timeout, self->peer_.host + " does not answer"));
  });
  error_code name;
  asio::ip::make_address(peer_.host, name);
  if (name)
    look_up();
  else
    connect(attempt, {peer_.host});
}

void Dialer::cancel() {
  done_ = nullptr;
  ++attempt_;
  error_code ignored;
  socket_.close(ignored);
  deadline_.cancel();
}

void Dialer::look_up() {
  if (looking_up_) return; // an earlier one still hangs; its answer serves this attempt
  looking_up_ = true;
  std::thread([io = io_, weak = weak_from_this(), host = peer_.host] {
    auto addresses = runtime::http::system_lookup(host);
    asio::post(*io, [weak, addresses = std::move(addresses)] {
      const auto self = weak.lock();
      if (!self) return;
      self->looking_up_ = false;
      if (self->done_) self->connect(self->attempt_, addresses);
    });
  }).detach();
}

void Dialer::connect(std::uint64_t attempt, const std::vector<std::string>& addresses) {
  if (addresses.empty()) return finish(fail(Errc::unavailable, peer_.host + " has no address"));
  error_code error;
  const auto address = asio::ip::make_address(addresses[attempt % addresses.size()], error);
  if (error) return finish(fail(Errc::unavailable, peer_.host + ": " + error.message()));
  socket_ = tcp::socket{*io_};
  socket_.async_connect(
      {address, peer_.port}, [self = shared_from_this(), attempt](error_code failed) {
        if (attempt != self->attempt_) return;
        if (failed)
          self->finish(fail(Errc::unavailable, self->peer_.host + ": " + failed.message()));
        else
          self->finish({});
      });
}

void Dialer::finish(runtime::Status status) {
  if (!done_) return;
  auto socket = std::move(socket_);
  auto done = std::move(done_);
  cancel();
  if (status)
    done(std::move(socket));
  else
    done(tl::unexpected(status.error()));
}

} // namespace graphrag::cluster
