#include "cluster/link/link.hpp"

#include "cluster/link/core.hpp"

namespace graphrag::cluster {
namespace {

runtime::Status check(const LinkOptions& options) {
  const auto wrong = [](std::string what) {
    return runtime::fail(runtime::Errc::invalid_argument, std::move(what));
  };
  const auto& times = options.times;
  if (options.cluster.empty() || options.cluster.size() > max_cluster_bytes)
    return wrong("a cluster's id has 1 to 64 bytes");
  if (options.self.incarnation == 0) return wrong("a node needs an incarnation");
  // A peer may have heard the last of a node a heartbeat before the node stood still, and the node
  // notices what it missed only by its ticks.
  if (times.fence + times.heartbeat + times.tick > times.timeout)
    return wrong("a node must fence itself before its peers give it up");
  if (times.heartbeat * 2 >= times.timeout || times.tick * 2 > times.heartbeat)
    return wrong("a timeout is more than two heartbeats, a heartbeat two ticks");
  if (options.window < 4 * max_data_frame) return wrong("the window is too small");
  for (const auto& peer : options.peers)
    if (peer.ordinal == options.self.ordinal) return wrong("a node is no peer of itself");
  return {};
}

} // namespace

runtime::Result<std::unique_ptr<Link>> Link::open(LinkOptions options,
                                                  std::shared_ptr<WireMaker> wires) {
  if (const auto good = check(options); !good) return tl::unexpected(good.error());
  auto core = std::make_unique<Core>(std::move(options), std::move(wires));
  if (const auto bound = core->bind(); !bound) return tl::unexpected(bound.error());
  return std::unique_ptr<Link>{new Link{std::move(core)}};
}

Link::Link(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Link::~Link() { core_->stop(); }

void Link::start() { core_->start(); }
std::uint16_t Link::port() const noexcept { return core_->port(); }
NodeOrdinal Link::self() const { return core_->options.self.ordinal; }
const NodeId& Link::identity() const noexcept { return core_->options.self; }
runtime::Status Link::send(runtime::Envelope envelope) { return core_->send(envelope); }
void Link::on_receive(Receive receive) { core_->receive = std::move(receive); }
void Link::on_peer(HearPeer hear) { core_->hear_peer = std::move(hear); }
void Link::on_tick(std::function<void()> tick) { core_->hear_tick = std::move(tick); }
void Link::set_peers(std::vector<PeerAddress> peers) { core_->set_peers(std::move(peers)); }
void Link::cut(NodeOrdinal peer) { core_->cut(peer); }
std::vector<PeerState> Link::peers() const { return core_->board.states(); }

} // namespace graphrag::cluster
