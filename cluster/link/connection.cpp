#include "cluster/link/connection.hpp"

#include <algorithm>

#include <boost/asio/socket_base.hpp>

namespace graphrag::cluster {

using boost::system::error_code;
using runtime::Errc;
using runtime::Error;

namespace {
constexpr std::size_t batch_bytes = 256 * 1024; // of data in one write
} // namespace

Connection::Connection(ConnectionOwner& owner, SessionRules rules, std::unique_ptr<Wire> wire,
                       std::optional<NodeOrdinal> peer, runtime::SteadyTime deadline)
    : owner_(owner), rules_(std::move(rules)), wire_(std::move(wire)), dials_(peer),
      deadline_(deadline) {}

NodeId Connection::peer() const {
  if (session_) return session_->peer();
  return {dials_.value_or(0), 0};
}

void Connection::start() {
  error_code ignored;
  wire_->socket().set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
  wire_->shake_hands([self = shared_from_this()](error_code error) {
    if (self->ended_) return;
    if (error) return self->end({Errc::unavailable, "TLS: " + error.message()}, true);
    self->greet();
  });
}

void Connection::greet() {
  const auto now = link_now();
  if (dials_)
    session_ = Session::dial(rules_, *dials_, random_number(), now);
  else
    session_ = Session::accept(
        rules_, [this](const Hello& hello) { return owner_.admit(*this, hello); }, now);
  flush();
  if (!ended_) read();
}

void Connection::read() {
  const auto room = reader_.room();
  wire_->read_some({room.data(), room.size()},
                   [self = shared_from_this()](error_code error, std::size_t bytes) {
                     if (self->ended_ || self->last_words_) return;
                     const auto now = link_now();
                     if (!self->owner_.awake(now)) return;
                     if (error)
                       return self->end({Errc::unavailable, "closed: " + error.message()}, true);
                     self->reader_.filled(bytes);
                     self->session_->on_bytes(now);
                     self->handle();
                   });
}

void Connection::handle() {
  for (;;) {
    const auto frame = reader_.next();
    if (!frame) return end(frame.error(), true);
    if (!*frame) break;
    const auto now = link_now();
    if (!owner_.awake(now)) return;
    if (!on_frame(**frame, now)) return;
  }
  flush();
  if (!ended_) read();
}

// False when nothing more is to be read.
bool Connection::on_frame(const Frame& frame, runtime::SteadyTime now) {
  const auto heard = session_->on_frame(frame, now);
  if (!heard) {
    last_words_ = heard.error();
    flush();
    return false;
  }
  if (heard->came_up) {
    reader_.set_limit(max_data_frame);
    owner_.on_up(*this);
  }
  if (heard->envelope && !ended_) {
    owner_.on_envelope(*heard->envelope);
    session_->consumed(frame.bytes);
  }
  return !ended_;
}

void Connection::on_tick(runtime::SteadyTime now) {
  if (ended_) return;
  if (!up() && now >= deadline_) return end({Errc::timeout, "the handshake took too long"}, true);
  if (!session_) return;
  if (const auto alive = session_->on_tick(now); !alive) return end(alive.error(), true);
  flush();
}

void Connection::flush() {
  if (ended_ || write_under_way_ || !session_) return;
  const auto now = link_now();
  if (!owner_.awake(now)) return;
  writing_.clear();
  writing_.swap(session_->output());
  std::size_t data = 0;
  if (outbox_ && !last_words_)
    if (const auto allowance = session_->allowance(); allowance > 0)
      data = outbox_->take(writing_, std::min(allowance, batch_bytes));
  if (writing_.empty()) {
    if (last_words_) end(*last_words_, false);
    return;
  }
  session_->on_sent(data, now);
  write_under_way_ = true;
  wire_->write({writing_.data(), writing_.size()},
               [self = shared_from_this()](error_code error, std::size_t) {
                 self->write_under_way_ = false;
                 if (!self->ended_) self->on_written(error);
               });
}

void Connection::on_written(error_code error) {
  if (error) return end({Errc::unavailable, "broken: " + error.message()}, true);
  flush();
}

void Connection::end(const Error& why, bool abrupt) {
  if (ended_) return;
  ended_ = true;
  error_code ignored;
  auto& socket = wire_->socket();
  if (abrupt) socket.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
  socket.close(ignored);
  const auto self = shared_from_this(); // the owner lets go
  owner_.on_ended(*this, why);
}

} // namespace graphrag::cluster
