#include "cluster/link/peer_board.hpp"

namespace graphrag::cluster {

void PeerBoard::set(const std::vector<PeerAddress>& peers, std::size_t max_queued_bytes) {
  std::map<NodeOrdinal, Entry> next;
  const std::lock_guard lock{mutex_};
  for (const auto& peer : peers) {
    const auto before = entries_.find(peer.ordinal);
    if (before != entries_.end() && before->second.state.address == peer)
      next[peer.ordinal] = before->second;
    else
      next[peer.ordinal] = {{peer, false, 0}, std::make_shared<Outbox>(max_queued_bytes)};
  }
  entries_ = std::move(next);
}

std::shared_ptr<Outbox> PeerBoard::outbox(NodeOrdinal peer) const {
  const std::shared_lock lock{mutex_};
  const auto at = entries_.find(peer);
  return at == entries_.end() ? nullptr : at->second.outbox;
}

std::optional<PeerAddress> PeerBoard::address(NodeOrdinal peer) const {
  const std::shared_lock lock{mutex_};
  const auto at = entries_.find(peer);
  if (at == entries_.end()) return std::nullopt;
  return at->second.state.address;
}

void PeerBoard::connected(NodeOrdinal peer, std::uint64_t incarnation) {
  const std::lock_guard lock{mutex_};
  const auto at = entries_.find(peer);
  if (at == entries_.end()) return;
  at->second.state.connected = true;
  at->second.state.incarnation = incarnation;
}

void PeerBoard::lost(NodeOrdinal peer) {
  const std::lock_guard lock{mutex_};
  const auto at = entries_.find(peer);
  if (at == entries_.end()) return;
  at->second.state.connected = false;
  at->second.state.incarnation = 0;
}

std::vector<PeerState> PeerBoard::states() const {
  const std::shared_lock lock{mutex_};
  std::vector<PeerState> states;
  for (const auto& [ordinal, entry] : entries_) states.push_back(entry.state);
  return states;
}

} // namespace graphrag::cluster
