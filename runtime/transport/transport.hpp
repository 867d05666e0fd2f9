#pragma once
// The transport seam: how one node sends to another. Code that talks to peers sees only this, so
// that every fault of a network can be injected in a simulation (memory_network.hpp).
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/error.hpp"

namespace graphrag::runtime {

using NodeOrdinal = std::uint32_t;

inline constexpr std::size_t max_envelope_bytes = 256 * 1024; // of a body
inline constexpr std::size_t max_kind_bytes = 64;

// The one message type between nodes.
struct Envelope {
  NodeOrdinal from = 0, to = 0;
  std::uint64_t incarnation = 0; // of the sender: a restarted node has another
  std::uint64_t epoch = 0;       // of what the sender acts for; receivers refuse older ones
  std::string kind;
  std::string body; // msgpack
};

// A connection to a peer came up, or is no more: what was under way on it may be lost.
struct PeerEvent {
  NodeOrdinal peer = 0;
  std::uint64_t incarnation = 0;
  bool up = false;
};

class Transport {
public:
  using Receive = std::function<void(const Envelope&)>;
  using HearPeer = std::function<void(const PeerEvent&)>;
  virtual ~Transport() = default;

  virtual NodeOrdinal self() const = 0;
  // Fills `from` and `incarnation`. Taken does not mean delivered: a message may be lost, and after
  // a lost connection it may arrive twice or late; it never arrives altered. Errors:
  // invalid_argument (body or kind too large), not_found (no such peer), overloaded (too much is
  // under way to it), unavailable (there is no connection now). After an error nothing was taken.
  virtual Status send(Envelope envelope) = 0;
  // Who hears what arrives, on a thread of the transport. Set once, before the first message.
  virtual void on_receive(Receive receive) = 0;
  // Who hears of peers that come and go, on the same thread and in order with what arrives. Set
  // once, before the first message. A transport without connections never calls it.
  virtual void on_peer(HearPeer) {}
};

} // namespace graphrag::runtime
