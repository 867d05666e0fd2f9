#include "cluster/peer_watch.hpp"

#include <algorithm>

namespace graphrag::cluster {
namespace {

constexpr Millis own_lateness = 1000; // a longer gap between ticks is our fault, not the peers'

} // namespace

void PeerWatch::on_view(const ClusterView& view) {
  view_ = view;
  view_.shards.clear();
  std::erase_if(peers_, [&](const auto& entry) { return view.find(entry.first) == nullptr; });
  for (const auto& member : view.members)
    if (member.id != self_) peers_.try_emplace(member.id);
}

const PeerWatch::Peer* PeerWatch::find(const NodeId& peer) const {
  const auto at = peers_.find(peer);
  return at == peers_.end() ? nullptr : &at->second;
}

void PeerWatch::tick(Millis now) {
  const auto gap = now - last_tick_;
  if (last_quorum_ == never || gap > own_lateness) last_quorum_ = std::max(last_quorum_, now);
  last_tick_ = now;
  if (reaches_quorum(now)) last_quorum_ = now;
  isolated_ = now - last_quorum_ >= settings_.isolated_after;
}

std::vector<NodeId> PeerWatch::due(Millis now) {
  std::vector<NodeId> out;
  for (auto& [id, peer] : peers_) {
    if (now - peer.pinged < settings_.ping) continue;
    peer.pinged = now;
    out.push_back(id);
  }
  return out;
}

void PeerWatch::on_answer(Millis now, const NodeId& peer, Millis sent, bool attests) {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || sent > now) return;
  at->second.answered = std::max(at->second.answered, sent);
  if (attests) at->second.attested = std::max(at->second.attested, sent);
}

bool PeerWatch::reached(const NodeId& peer, Millis now) const {
  if (peer == self_) return true;
  const auto* found = find(peer);
  return found != nullptr && now - found->answered <= settings_.reached;
}

bool PeerWatch::reaches_quorum(Millis now) const {
  return is_quorum(view_, [&](const NodeId& id) { return reached(id, now); });
}

bool PeerWatch::attest(Millis now, const NodeId& peer, bool lost_database, bool voted_against) {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || !lost_database || voted_against) return false;
  at->second.promised = now + settings_.attest_hold;
  return true;
}

bool PeerWatch::may_vote_against(const NodeId& peer, Millis now) const {
  const auto* found = find(peer);
  return found == nullptr || now > found->promised;
}

Millis PeerWatch::attested_until(Millis now, bool lost_database) const {
  if (!lost_database) return never;
  const auto until = [&](const NodeId& id) {
    if (id == self_) return now + settings_.attest_hold;
    const auto* peer = find(id);
    return peer == nullptr || peer->attested == never
               ? never
               : peer->attested + settings_.attest_hold - settings_.margin;
  };
  auto best = never;
  for (const auto& member : view_.members) {
    const auto time = until(member.id);
    if (time > best && is_quorum(view_, [&](const NodeId& id) { return until(id) >= time; }))
      best = time;
  }
  return best;
}

} // namespace graphrag::cluster
