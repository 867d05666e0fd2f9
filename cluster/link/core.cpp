#include "cluster/link/core.hpp"

#include <boost/asio/post.hpp>
#include <pthread.h>

#include "observability/log.hpp"
#include "runtime/check.hpp"

namespace graphrag::cluster {

namespace asio = boost::asio;
using asio::ip::tcp;
using runtime::Errc;
using runtime::fail;

Link::Core::Core(LinkOptions o, std::shared_ptr<WireMaker> wires)
    : options(std::move(o)), wires_(std::move(wires)), io_(std::make_shared<asio::io_context>(1)),
      work_(io_->get_executor()), timer_(*io_), strangers_(*io_, options.max_handshakes) {}

Link::Core::~Core() { stop(); }

runtime::Status Link::Core::bind() {
  adopt(options.peers);
  return strangers_.bind(options.listen_address, options.listen_port);
}

void Link::Core::start() {
  RUNTIME_CHECK(!thread_.joinable(), "a link starts once");
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "link");
    last_tick_ = link_now();
    strangers_.start(
        [this](tcp::socket socket) -> std::shared_ptr<Connection> {
          probe_.accepted.Increment();
          auto wire = wires_->accept(std::move(socket));
          if (!wire) return nullptr;
          return std::make_shared<Connection>(*this, rules(), std::move(wire), std::nullopt,
                                              link_now() + options.times.handshake);
        },
        [this] { probe_.evicted.Increment(); });
    tick();
    io_->run();
  });
}

void Link::Core::stop() {
  if (!thread_.joinable()) return;
  RUNTIME_CHECK(thread_.get_id() != std::this_thread::get_id(), "a link ends on another thread");
  asio::post(*io_, [this] {
    stopping_ = true;
    strangers_.stop();
    timer_.cancel();
    for (auto& [ordinal, peer] : peers_)
      if (peer.dialer) peer.dialer->cancel();
    end_all({Errc::canceled, "the link stops"}, false);
    work_.reset();
  });
  thread_.join();
}

runtime::Status Link::Core::send(const runtime::Envelope& envelope) {
  if (envelope.body.size() > runtime::max_envelope_bytes ||
      envelope.kind.size() > runtime::max_kind_bytes)
    return fail(Errc::invalid_argument,
                "an envelope of " + std::to_string(envelope.body.size()) + " bytes");
  const auto outbox = board.outbox(envelope.to);
  if (!outbox) return fail(Errc::not_found, "no node " + std::to_string(envelope.to));
  const auto wake = outbox->put(envelope);
  if (!wake) {
    (wake.error().code == Errc::overloaded ? probe_.overloaded : probe_.unavailable).Increment();
    return tl::unexpected(wake.error());
  }
  probe_.sent.Increment();
  if (*wake)
    asio::post(*io_, [this, to = envelope.to] {
      if (const auto at = peers_.find(to); at != peers_.end() && at->second.connection)
        at->second.connection->flush();
    });
  return {};
}

void Link::Core::set_peers(std::vector<PeerAddress> peers) {
  std::erase_if(peers, [&](const auto& peer) { return peer.ordinal == options.self.ordinal; });
  asio::post(*io_, [this, peers = std::move(peers)] {
    if (!stopping_) adopt(peers);
  });
}

void Link::Core::cut(NodeOrdinal ordinal) {
  asio::post(*io_, [this, ordinal] {
    if (const auto at = peers_.find(ordinal); at != peers_.end()) drop(at->second, "cut");
  });
}

void Link::Core::adopt(const std::vector<PeerAddress>& wanted) {
  board.set(wanted, options.max_queued_bytes);
  for (auto at = peers_.begin(); at != peers_.end();) {
    if (board.address(at->first) == at->second.address) {
      ++at;
      continue;
    }
    drop(at->second, "no longer a peer");
    at = peers_.erase(at);
  }
  for (const auto& address : wanted) {
    if (peers_.contains(address.ordinal)) continue;
    Peer peer{.address = address,
              .outbox = board.outbox(address.ordinal),
              .backoff = {options.times.backoff, random_number()}};
    if (options.self.ordinal < address.ordinal)
      peer.dialer = std::make_shared<Dialer>(io_, address);
    peers_.emplace(address.ordinal, std::move(peer));
  }
}

void Link::Core::drop(Peer& peer, const char* why) {
  if (peer.dialer) peer.dialer->cancel();
  peer.dialing = false;
  if (const auto attempt = peer.attempt) attempt->end({Errc::canceled, why}, true);
  if (const auto connection = peer.connection) connection->end({Errc::canceled, why}, true);
}

bool Link::Core::awake(runtime::SteadyTime now) {
  if (now - last_tick_ <= options.times.fence) return true;
  const auto slept = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_tick_);
  last_tick_ = now;
  probe_.fences.Increment();
  observability::log_warn("this node did not run for too long: all sessions end unread",
                          {{"link.slept_ms", std::int64_t{slept.count()}}});
  end_all({Errc::canceled, "this node did not run for too long"}, true);
  return false;
}

void Link::Core::schedule_tick() {
  timer_.expires_after(options.times.tick);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopping_) tick();
  });
}

void Link::Core::tick() {
  const auto now = link_now();
  awake(now);
  last_tick_ = now;
  for (const auto& stranger : strangers_.all()) stranger->on_tick(now);
  for (auto& [ordinal, peer] : peers_) {
    if (const auto connection = peer.connection) connection->on_tick(now);
    if (const auto attempt = peer.attempt) attempt->on_tick(now);
    if (peer.dialer && !peer.connection && !peer.attempt && !peer.dialing && now >= peer.dial_at)
      dial(ordinal, peer);
  }
  if (hear_tick) hear_tick();
  schedule_tick();
}

void Link::Core::dial(NodeOrdinal ordinal, Peer& peer) {
  peer.dialing = true;
  peer.dialer->dial(options.times.connect, [this, ordinal](runtime::Result<tcp::socket> socket) {
    on_dialled(ordinal, std::move(socket));
  });
}

void Link::Core::on_dialled(NodeOrdinal ordinal, runtime::Result<tcp::socket> socket) {
  auto& peer = peers_.at(ordinal);
  const auto now = link_now();
  peer.dialing = false;
  peer.dial_at = now + peer.backoff.next_delay(now);
  if (!socket) return failed(peer, socket.error());
  auto wire = wires_->dial(std::move(*socket), peer.address.name);
  if (!wire)
    return failed(peer, {Errc::invalid_argument, "'" + peer.address.name + "' cannot be checked"});
  peer.attempt = std::make_shared<Connection>(*this, rules(), std::move(wire), ordinal,
                                              now + options.times.handshake);
  peer.attempt->start();
}

Refusal Link::Core::admit(Connection& connection, const Hello& hello) {
  const auto refusal = [&] {
    const auto at = peers_.find(hello.from.ordinal);
    if (at == peers_.end() || hello.from.ordinal >= options.self.ordinal) return Refusal::unknown;
    if (!connection.peer_is(at->second.address.name)) return Refusal::name;
    const auto& old = at->second.connection;
    // The same process dials again: it lost the connection that we still hold.
    if (old && old->peer().incarnation != hello.from.incarnation) return Refusal::twin;
    return Refusal::none;
  }();
  if (refusal == Refusal::none) {
    if (const auto old = peers_.at(hello.from.ordinal).connection)
      old->end({Errc::canceled, "the peer dialled again"}, true);
  } else {
    LinkProbe::refused(refusal);
    if (const auto now = link_now(); now - refusal_logged_at_ >= std::chrono::seconds{1}) {
      refusal_logged_at_ = now;
      observability::log_warn("a node is refused", {{"link.peer", to_string(hello.from)},
                                                    {"link.reason", to_string(refusal)}});
    }
  }
  return refusal;
}

void Link::Core::failed(Peer& peer, const runtime::Error& why) {
  LinkProbe::attempt_failed(why.code);
  if (why.code == Errc::canceled || std::exchange(peer.failure, why.detail) == why.detail) return;
  observability::log_warn(
      "a peer cannot be reached",
      {{"link.peer", std::int64_t{peer.address.ordinal}}, {"error.message", why.detail}});
}

void Link::Core::on_up(Connection& connection) {
  const auto identity = connection.peer();
  auto& peer = peers_.at(identity.ordinal);
  strangers_.forget(connection);
  if (connection.dials()) peer.attempt = nullptr;
  peer.connection = connection.shared_from_this();
  peer.backoff.started(link_now());
  peer.failure.clear();
  peer.outbox->open();
  connection.use(peer.outbox);
  board.connected(identity.ordinal, identity.incarnation);
  probe_.connected.Increment();
  observability::log_info("a peer is connected", {{"link.peer", to_string(identity)}});
  if (hear_peer) hear_peer({identity.ordinal, identity.incarnation, true});
}

void Link::Core::on_envelope(const runtime::Envelope& envelope) {
  probe_.received.Increment();
  if (receive) receive(envelope);
}

void Link::Core::on_ended(Connection& connection, const runtime::Error& why) {
  const auto identity = connection.peer();
  const bool stranger = strangers_.forget(connection);
  const auto at = peers_.find(identity.ordinal);
  if (!stranger && at != peers_.end() && at->second.connection.get() == &connection)
    return lost(at->second, identity, why);
  if (!stranger && at != peers_.end() && at->second.attempt.get() == &connection) {
    at->second.attempt = nullptr;
    return failed(at->second, why);
  }
  LinkProbe::attempt_failed(why.code);
  observability::log(observability::Level::debug, "a stranger never became a peer",
                     {{"error.message", why.detail}});
}

void Link::Core::lost(Peer& peer, const NodeId& identity, const runtime::Error& why) {
  const auto now = link_now();
  peer.connection = nullptr;
  peer.outbox->close();
  peer.dial_at = now + peer.backoff.next_delay(now);
  board.lost(identity.ordinal);
  probe_.connected.Decrement();
  LinkProbe::session_ended(why.code);
  observability::log_warn("a peer is lost",
                          {{"link.peer", to_string(identity)}, {"error.message", why.detail}});
  if (hear_peer) hear_peer({identity.ordinal, identity.incarnation, false});
}

void Link::Core::end_all(const runtime::Error& why, bool abrupt) {
  auto all = strangers_.all();
  for (auto& [ordinal, peer] : peers_) {
    if (peer.connection) all.push_back(peer.connection);
    if (peer.attempt) all.push_back(peer.attempt);
  }
  for (const auto& connection : all) connection->end(why, abrupt);
}

SessionRules Link::Core::rules() const {
  return {options.self, options.cluster, options.times.heartbeat, options.times.timeout,
          options.window};
}

} // namespace graphrag::cluster
