#pragma once
// One connection's protocol, from its first byte to its end: who the peer is, credits, heartbeats.
// Pure: frames and times go in, bytes to send come out. One thread.
//
//   dialer     sends hello ───────────> acceptor checks it
//              up at the acknowledgement <── acknowledges and is up, or refuses and closes
//
// Both then send data within the other's window, credits for what they are done with, and a
// heartbeat whenever nothing else was sent for an interval. Any byte heard is a sign of life.
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "cluster/link/frame.hpp"
#include "runtime/clock.hpp"

namespace graphrag::cluster {

struct SessionRules {
  NodeId self;
  std::string cluster;
  std::chrono::milliseconds heartbeat{200}, timeout{1000};
  std::uint32_t window = 4 * 1024 * 1024;
};

class Session {
public:
  // What the acceptor's surroundings think of a dialer: its certificate, its twins.
  using Admit = std::function<Refusal(const Hello&)>;

  // What a frame brought, besides what the session does about it by itself.
  struct Heard {
    bool came_up = false;
    std::optional<runtime::Envelope> envelope; // from, to and incarnation are filled
  };

  static Session dial(SessionRules rules, NodeOrdinal peer, std::uint64_t session,
                      runtime::SteadyTime now);
  static Session accept(SessionRules rules, Admit admit, runtime::SteadyTime now);

  // Errors end the session: corrupt (not our protocol), conflict (refused by either side; what is
  // in output() should still be sent).
  runtime::Result<Heard> on_frame(const Frame& frame, runtime::SteadyTime now);
  void on_bytes(runtime::SteadyTime now) { heard_at_ = now; }
  // The receiver is done with an envelope's frame of so many bytes.
  void consumed(std::size_t bytes);
  // Error: timeout, when the peer was silent for too long.
  runtime::Status on_tick(runtime::SteadyTime now);

  // Bytes of the protocol itself that wait to be sent; the caller takes them.
  std::string& output() noexcept { return output_; }
  // Bytes of data frames that may be sent now; the last frame may go over it.
  std::size_t allowance() const noexcept { return sent_ < window_ ? window_ - sent_ : 0; }
  void on_sent(std::size_t data_bytes, runtime::SteadyTime now);

  bool up() const noexcept { return up_; }
  // Of the other side; the ordinal is known from the start to a dialer, the rest once it is up.
  const NodeId& peer() const noexcept { return peer_; }
  std::uint64_t id() const noexcept { return id_; }

private:
  Session(SessionRules rules, runtime::SteadyTime now);
  Hello hello_to(NodeOrdinal peer) const;
  runtime::Result<Heard> on_hello(const Frame& frame);
  runtime::Result<Heard> on_ack(const Frame& frame);
  Refusal judge(const Hello& hello) const;

  SessionRules rules_;
  Admit admit_;
  bool dialer_ = false, up_ = false;
  NodeId peer_;
  std::uint64_t id_ = 0;
  std::string output_;
  std::size_t window_ = 0, sent_ = 0, unacknowledged_ = 0;
  runtime::SteadyTime heard_at_, sent_at_;
};

} // namespace graphrag::cluster
