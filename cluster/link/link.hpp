#pragma once
// Link: the transport between nodes. One thread, mutual TLS to every peer, one session each. The
// node of the lower ordinal dials and keeps dialling; the other accepts.
//
// Life: open() binds the port, then on_receive(), on_peer() and on_tick() are set, then start().
// Destroying it ends all sessions at once; never on its own thread. What is set must stay alive
// until then, be quick, and not throw: while it runs nothing is heard, and after `fence` the node
// cuts itself off.
//
// A message is delivered at most once, in order, while its session lives. When a session ends,
// what waited for it is dropped and on_peer() says so; nothing of it reaches a later session.
#include <functional>
#include <memory>
#include <vector>

#include "cluster/link/link_options.hpp"
#include "runtime/error.hpp"
#include "runtime/transport/transport.hpp"

namespace graphrag::cluster {

class WireMaker;

struct PeerState {
  PeerAddress address;
  bool connected = false;
  std::uint64_t incarnation = 0; // while connected
};

class Link final : public runtime::Transport {
public:
  // `wires`: see make_tls_wires(). Errors: invalid_argument (the options contradict each other or
  // the listening address is none), unavailable (the port cannot be bound).
  static runtime::Result<std::unique_ptr<Link>> open(LinkOptions options,
                                                     std::shared_ptr<WireMaker> wires);
  ~Link() override;

  void start();
  std::uint16_t port() const noexcept; // that it listens on

  NodeOrdinal self() const override;
  const NodeId& identity() const noexcept;
  // Thread-safe, never blocks on the network. A node is no peer of itself.
  runtime::Status send(runtime::Envelope envelope) override;
  void on_receive(Receive receive) override;
  void on_peer(HearPeer hear) override;
  // Called on the link's thread every `tick`, for whoever keeps deadlines.
  void on_tick(std::function<void()> tick);

  // Thread-safe: from now on these are the peers; this node among them is passed over. Sessions
  // with those that went, or whose address changed, end.
  void set_peers(std::vector<PeerAddress> peers);
  // Thread-safe: ends the session with a peer now, unsent; a dialer tries again after its backoff.
  void cut(NodeOrdinal peer);
  // Thread-safe; for people and tests, a moment old.
  std::vector<PeerState> peers() const;

private:
  class Core;
  explicit Link(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

} // namespace graphrag::cluster
