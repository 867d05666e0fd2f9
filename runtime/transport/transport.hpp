#pragma once
// The transport seam: how one node sends to another. Code that talks to peers sees only this, so
// that every fault of a network can be injected in a simulation (memory_network.hpp).
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/error.hpp"

namespace graphrag::runtime {

using NodeOrdinal = std::uint32_t;

inline constexpr std::size_t max_envelope_bytes = 256 * 1024;

// The one message type between nodes.
struct Envelope {
  NodeOrdinal from = 0, to = 0;
  std::uint64_t incarnation = 0; // of the sender: a restarted node has another
  std::uint64_t epoch = 0;       // of what the sender acts for; receivers refuse older ones
  std::string kind;
  std::string body; // msgpack
};

class Transport {
public:
  using Receive = std::function<void(const Envelope&)>;
  virtual ~Transport() = default;

  virtual NodeOrdinal self() const = 0;
  // Fills `from` and `incarnation`. Taken does not mean delivered: a message may be lost, and after
  // a lost connection it may arrive twice or late; it never arrives altered. Errors:
  // invalid_argument (too large), not_found (no such peer), overloaded (too much is under way to
  // it; nothing was taken).
  virtual Status send(Envelope envelope) = 0;
  // Who hears what arrives, on a thread of the transport. Set once, before the first message.
  virtual void on_receive(Receive receive) = 0;
};

} // namespace graphrag::runtime
