#pragma once
// Everything that the link can be told.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "cluster/identity.hpp"
#include "runtime/actor/restart_policy.hpp"

namespace graphrag::cluster {

struct PeerAddress {
  NodeOrdinal ordinal = 0;
  std::string host; // a name or a literal address; looked up at every dial
  std::uint16_t port = 0;
  std::string name; // of its certificate, exactly (a DNS name of subjectAltName)
  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

struct LinkTimes {
  std::chrono::milliseconds heartbeat{200}; // sent when nothing else was
  std::chrono::milliseconds timeout{1000};  // of silence: the peer is lost
  // A node that did not run for this long ends all its sessions unread. Below `timeout` by a
  // heartbeat and a tick at least, so that what its peers have given up is never executed.
  std::chrono::milliseconds fence{750};
  std::chrono::milliseconds tick{20};
  std::chrono::milliseconds connect{500};    // for TCP, with the look-up of the name
  std::chrono::milliseconds handshake{1000}; // from then on until the session is up
  runtime::Backoff backoff{std::chrono::milliseconds{100}, std::chrono::milliseconds{2000}, 0.2,
                           std::chrono::milliseconds{5000}};
};

struct LinkOptions {
  NodeId self;
  std::string cluster; // an id of 1 to 64 bytes; nodes of another cluster are refused
  std::string listen_address = "0.0.0.0";
  std::uint16_t listen_port = 0; // 0: any free one, see Link::port()
  std::vector<PeerAddress> peers;
  LinkTimes times;
  std::size_t max_queued_bytes = 8 * 1024 * 1024; // to one peer, waiting to be sent
  std::uint32_t window = 4 * 1024 * 1024;         // from one peer, sent and not yet handled
  std::size_t max_handshakes = 64;                // strangers at a time; one more evicts the oldest
};

} // namespace graphrag::cluster
