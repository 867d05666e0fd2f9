#pragma once
// Questions and answers between nodes, over any Transport. Every request ends: answered, refused,
// past its deadline, or failed at once when its peer is lost.
//
// Life: make it, set the handlers, and only then let the transport run (it takes the transport's
// on_receive and on_peer). The transport outlives it. Whoever owns both calls expire() every few
// milliseconds, as a link does by on_tick().
#include <functional>
#include <memory>
#include <string>

#include "cluster/request/pending_requests.hpp"

namespace graphrag::cluster {

struct RequestLimits {
  std::size_t outstanding = 4096; // of ours, per peer, unanswered
  std::size_t serving = 1024;     // of one peer, being worked on here
};

// A peer's question.
struct Incoming {
  runtime::NodeOrdinal from = 0;
  std::uint64_t incarnation = 0, epoch = 0;
  std::string kind, body;
  runtime::SteadyTime deadline; // by this node's clock; work done later is in vain
};

class PeerRequests {
public:
  // On the transport's thread: must be quick, and answer through the promise from wherever. A
  // promise that is dropped answers `lost`. Over a transport that doubles messages a question may
  // come twice.
  using Serve = std::function<void(Incoming, Answer)>;
  using Receive = runtime::Transport::Receive;
  using HearPeer = runtime::Transport::HearPeer;

  PeerRequests(runtime::Transport& transport, const runtime::Clock& clock,
               RequestLimits limits = {});
  ~PeerRequests(); // what is pending hears `canceled`; answers given later go nowhere
  PeerRequests(const PeerRequests&) = delete;
  PeerRequests& operator=(const PeerRequests&) = delete;

  void on_request(Serve serve);
  void on_message(Receive receive); // every envelope that is neither request nor answer
  void on_peer(HearPeer hear);      // after what was pending there has failed

  // Thread-safe. The promise hears the answer's body, or
  //   invalid_argument, not_found, unavailable, overloaded  nothing was sent, or the peer refused
  //   timeout     the deadline passed     lost    the peer is gone, or dropped the question
  // and any error that the peer's handler gave. After timeout and lost the peer may have done it.
  void request(runtime::NodeOrdinal peer, std::string kind, std::string body,
               runtime::SteadyTime deadline, Answer answer, std::uint64_t epoch = 0);
  void expire();
  std::size_t pending() const;

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace graphrag::cluster
