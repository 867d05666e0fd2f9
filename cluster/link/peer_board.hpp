#pragma once
// What every thread may know of the peers: their outboxes and whether they are connected. The
// link's thread writes, all read.
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "cluster/link/link.hpp"
#include "cluster/link/outbox.hpp"

namespace graphrag::cluster {

class PeerBoard {
public:
  // Peers that stay, with the same address, keep their outbox and state.
  void set(const std::vector<PeerAddress>& peers, std::size_t max_queued_bytes);
  std::shared_ptr<Outbox> outbox(NodeOrdinal peer) const; // empty: no such peer
  std::optional<PeerAddress> address(NodeOrdinal peer) const;
  void connected(NodeOrdinal peer, std::uint64_t incarnation);
  void lost(NodeOrdinal peer);
  std::vector<PeerState> states() const;

private:
  struct Entry {
    PeerState state;
    std::shared_ptr<Outbox> outbox;
  };
  mutable std::shared_mutex mutex_;
  std::map<NodeOrdinal, Entry> entries_;
};

} // namespace graphrag::cluster
