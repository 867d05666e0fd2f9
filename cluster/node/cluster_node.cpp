#include "cluster/node/cluster_node.hpp"

#include "cluster/link/link.hpp"
#include "cluster/node/node_core.hpp"
#include "runtime/check.hpp"

namespace graphrag::cluster {

using runtime::Errc;
using runtime::fail;

namespace {

constexpr std::chrono::seconds broadcast_time{5};

} // namespace

PeerNet over(Link& link) {
  return {&link, [&link](std::vector<PeerAddress> peers) { link.set_peers(std::move(peers)); },
          [&link] { link.start(); }};
}

ClusterNode::ClusterNode(NodeOptions options, std::shared_ptr<MembershipStore> store, PeerNet net,
                         ShardHost& host, const runtime::Clock& clock,
                         const runtime::Clock& lease_clock)
    : core_(std::make_shared<Core>(std::move(options), std::move(store), std::move(net), host,
                                   clock, lease_clock)) {
  core_->listen();
}

ClusterNode::~ClusterNode() { stop(); }

void ClusterNode::handle(const std::string& kind, std::function<void(PeerCall, Answer)> handler) {
  RUNTIME_CHECK(!kind.empty() && kind.size() <= 48 && kind.front() != '$', "a kind has a name");
  const bool is_new = core_->handlers.emplace(kind, std::move(handler)).second;
  RUNTIME_CHECK(is_new, "a kind has one handler");
}

void ClusterNode::start() { core_->start(); }
void ClusterNode::stop() { core_->stop(); }

void ClusterNode::leave(runtime::Promise<void> left) {
  if (!core_->post([core = core_.get(), left] { core->leave(left); }))
    left.fulfil(fail(Errc::canceled, "the node has stopped"));
}

const NodeId& ClusterNode::self() const noexcept { return core_->options.self.id; }
Phase ClusterNode::phase() const noexcept { return core_->board->phase; }
std::shared_ptr<const ClusterView> ClusterNode::view() const { return core_->board->view(); }
bool ClusterNode::is_planner() const noexcept { return core_->board->planner; }
std::optional<std::uint64_t> ClusterNode::left_behind() const {
  if (!is_planner() || lost_database()) return std::nullopt;
  return core_->board->left_behind(core_->options.settings.lease);
}
bool ClusterNode::lost_database() const noexcept { return core_->board->lost_database; }
std::shared_ptr<const NodeStatus> ClusterNode::status() const { return core_->board->status(); }

std::uint64_t ClusterNode::may_read(std::uint32_t shard) const noexcept {
  return core_->board->may_read(shard);
}

bool ClusterNode::owner_alive(const std::string& owner) const {
  const auto view = core_->board->view();
  return std::ranges::any_of(view->members,
                             [&](const Member& member) { return to_string(member.id) == owner; });
}

void ClusterNode::database_failed() {
  core_->post([core = core_.get()] { core->database_failed(); });
}
void ClusterNode::progressed(std::uint32_t shard) { core_->progressed(shard); }
void ClusterNode::hint_view(std::uint64_t version) {
  core_->post([core = core_.get(), version] { core->hint(version); });
}

void ClusterNode::request(const NodeId& peer, const std::string& kind, std::string body,
                          runtime::SteadyTime deadline, Answer answer) {
  if (peer != self()) {
    core_->talk->request(peer, kind, std::move(body), deadline, std::move(answer));
  } else if (body.size() > max_peer_body_bytes) {
    answer.fulfil(fail(Errc::invalid_argument,
                       "a body of " + std::to_string(body.size()) + " bytes is too large"));
  } else {
    core_->serve({peer, kind, std::move(body), deadline}, std::move(answer));
  }
}

void ClusterNode::broadcast(const std::string& kind, const std::string& body) {
  const auto view = core_->board->view();
  const auto deadline = core_->clock.now() + broadcast_time;
  for (const auto& member : view->members)
    if (member.id != self())
      core_->talk->request(member.id, kind, body, deadline,
                           Answer{[](const runtime::Result<std::string>&) {}});
}

void ClusterNode::await_deleted(std::uint64_t seq, std::uint64_t view_version, std::uint32_t shard,
                                runtime::SteadyTime deadline, runtime::Promise<void> done) {
  if (shard >= core_->options.settings.shards)
    return (void)done.fulfil(fail(Errc::invalid_argument, "no such shard"));
  const DeleteBarrier barrier{seq, view_version, shard, core_->options.settings};
  if (!core_->post([core = core_.get(), barrier, deadline, done] {
        core->await_deleted(barrier, deadline, done);
      }))
    done.fulfil(fail(Errc::canceled, "the node has stopped"));
}

void ClusterNode::await_applied(std::uint64_t seq, std::uint32_t shard,
                                runtime::SteadyTime deadline, runtime::Promise<NodeId> where) {
  if (shard >= core_->options.settings.shards)
    return (void)where.fulfil(fail(Errc::invalid_argument, "no such shard"));
  if (!core_->post([core = core_.get(), seq, shard, deadline, where] {
        core->await_applied(seq, shard, deadline, where);
      }))
    where.fulfil(fail(Errc::canceled, "the node has stopped"));
}

void ClusterNode::turn() { core_->turn(); }

} // namespace graphrag::cluster
