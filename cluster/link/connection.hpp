#pragma once
// One connection: a wire, its session, and the bytes between them. Lives on the link's thread; its
// own pending operations keep it alive, and end() ends them.
#include <memory>
#include <optional>

#include "cluster/link/link_clock.hpp"
#include "cluster/link/outbox.hpp"
#include "cluster/link/session.hpp"
#include "cluster/link/wire.hpp"

namespace graphrag::cluster {

class Connection;

// What the link does with its connections. It outlives them.
class ConnectionOwner {
public:
  // False when this node did not run for too long: every connection was ended, what they hold is
  // not to be read.
  virtual bool awake(runtime::SteadyTime now) = 0;
  virtual Refusal admit(Connection& connection, const Hello& hello) = 0;
  virtual void on_up(Connection& connection) = 0;
  virtual void on_envelope(const runtime::Envelope& envelope) = 0;
  virtual void on_ended(Connection& connection, const runtime::Error& why) = 0; // once

protected:
  ~ConnectionOwner() = default;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
  // With `peer` this side dials. The session is up before `deadline`, or the connection ends.
  Connection(ConnectionOwner& owner, SessionRules rules, std::unique_ptr<Wire> wire,
             std::optional<NodeOrdinal> peer, runtime::SteadyTime deadline);

  void start();
  void on_tick(runtime::SteadyTime now);
  // Sends what waits, unless a write is under way; that one goes on with it.
  void flush();
  // Where data comes from, from now on.
  void use(std::shared_ptr<Outbox> outbox) { outbox_ = std::move(outbox); }
  // Nothing is read or delivered afterwards. `abrupt`: what the kernel still holds is not sent.
  void end(const runtime::Error& why, bool abrupt);

  bool dials() const noexcept { return dials_.has_value(); }
  bool up() const noexcept { return session_ && session_->up(); }
  NodeId peer() const;
  bool peer_is(const std::string& name) { return wire_->peer_is(name); }

private:
  void greet();
  void read();
  void handle();
  bool on_frame(const Frame& frame, runtime::SteadyTime now);
  void on_written(boost::system::error_code error);

  ConnectionOwner& owner_;
  SessionRules rules_;
  std::unique_ptr<Wire> wire_;
  std::optional<NodeOrdinal> dials_;
  runtime::SteadyTime deadline_;
  std::optional<Session> session_; // from the end of the TLS handshake on
  std::shared_ptr<Outbox> outbox_; // while up
  FrameReader reader_;
  std::string writing_; // what is being written
  bool write_under_way_ = false, ended_ = false;
  std::optional<runtime::Error> last_words_; // ends with this once everything is written
};

} // namespace graphrag::cluster
