#pragma once
// Whom a node reaches, and who attests what. Pings carry the sender's clock and come back with the
// answer, so that an answer proves something about the time since its ping was sent, however late
// it arrives. Not thread-safe; times are of the node's clock.
#include <map>

#include "cluster/cluster_view.hpp"

namespace graphrag::cluster {

class PeerWatch {
public:
  PeerWatch(NodeId self, const Settings& settings) : self_(self), settings_(settings) {}

  // Members that left the view are forgotten.
  void on_view(const ClusterView& view);
  // Call at least every Settings::ping. A node that was itself late (stopped, starved) does not
  // count the gap against its peers.
  void tick(Millis now);
  // Whom to ping now; the ping carries `now`.
  std::vector<NodeId> due(Millis now);
  // The answer to the ping of `sent`; `attests` as attest() of the peer gave it.
  void on_answer(Millis now, const NodeId& peer, Millis sent, bool attests);

  bool reached(const NodeId& peer, Millis now) const;
  bool reaches_quorum(Millis now) const;
  // No quorum for Settings::isolated_after: the node gives up its slots, until it reaches one
  // again.
  bool isolated() const noexcept { return isolated_; }

  // The answering side: does this node attest that `peer` is not alone in having lost the database?
  // Only when it has lost it itself and has no vote against the peer on its way or in the database.
  // An attestation is a promise not to vote against the peer until it has run out.
  bool attest(Millis now, const NodeId& peer, bool lost_database, bool voted_against);
  bool may_vote_against(const NodeId& peer, Millis now) const;
  // Until when a quorum attests, counting this node; for ReadRight::attested. In the past if none.
  Millis attested_until(Millis now, bool lost_database) const;

private:
  struct Peer {
    Millis pinged = never, answered = never; // send times of the last ping and last answered one
    Millis attested = never;                 // send time of the last ping that came back attested
    Millis promised = never;                 // until when we do not vote against it
  };
  static constexpr Millis never = INT64_MIN / 2;
  const Peer* find(const NodeId& peer) const;

  NodeId self_;
  Settings settings_;
  ClusterView view_;
  std::map<NodeId, Peer> peers_;
  Millis last_tick_ = never, last_quorum_ = never;
  bool isolated_ = false;
};

} // namespace graphrag::cluster
