#pragma once
// All that crosses between this node and its peers, guarded: every message says who sends it, to
// which life of the receiver, and the newest view the sender has seen (peer_guard.hpp); nobody who
// is no member of this node's view is heard or spoken to, and the ordinal is the one that the
// transport has proved. Over it, bodies larger than an envelope (large_bodies.hpp).
//
// Thread-safe. Handlers run on the transport's thread.
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>

#include "cluster/node/node_board.hpp"
#include "cluster/peer_guard.hpp"
#include "cluster/request/large_bodies.hpp"
#include "cluster/request/peer_requests.hpp"

namespace graphrag::cluster {

class PeerTalk {
public:
  struct Ears {
    LargeBodies::Serve question;                                                      // of a member
    std::function<void(const NodeId&, const std::string& kind, std::string)> message; // of a member
    std::function<void(std::uint64_t view_version)> newer_view; // somebody has seen it
    std::function<void(std::uint64_t view_version)> gone;       // a member says so of this node
  };

  // The transport and the clock outlive it.
  PeerTalk(runtime::Transport& transport, const runtime::Clock& clock, std::string cluster,
           const NodeId& self, std::shared_ptr<const NodeBoard> board, RequestLimits requests,
           BodyLimits bodies, Ears ears);
  ~PeerTalk();

  void request(const NodeId& peer, const std::string& kind, std::string body,
               runtime::SteadyTime deadline, Answer answer);
  // One way, small, at most once; not taken when it cannot be sent now.
  void tell(const NodeId& peer, std::string_view kind, const std::string& body);
  void expire();
  // Nothing is heard or sent from now on, and nobody is in the middle of hearing a question. What
  // is pending hears `canceled`. Never from an ear.
  void close();

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace graphrag::cluster
