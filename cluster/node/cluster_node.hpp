#pragma once
// ClusterNode makes this process a member: it drives the machines of cluster/ (membership, leases,
// peer watch, replica loaders, delete barriers), speaks to peers over a Transport, to the database
// through a MembershipStore and to the shards' data through a ShardHost.
//
// Life: make it (it takes the transport's on_receive and on_peer), handle() all kinds, start(), use
// it; leave() for a clean end; stop() or destroy it. The host, the clocks and the transport outlive
// it. It is started once. After stop() no handler runs any more, and the host is not called.
//
// Threads. One plain thread, "cluster", owns all machines. It is no actor under a supervisor: a
// restarted driver would have forgotten what it promised (votes, attestations, numbers of calls),
// and a promise that is forgotten is broken. So when something throws there the read right ends at
// once and on_end hears `failed`: the process must end, and its next life is another node. When the
// thread hangs, nobody renews, and the right ends by itself with the lease. A second thread,
// "cluster-db", makes the blocking calls of the membership store, one at a time. Handlers run on
// the transport's thread.
//
// Every function is thread-safe unless it says otherwise. Promises are fulfilled on one of the
// node's threads or the transport's: they may only send a message or post a task.
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "cluster/link/link_options.hpp"
#include "cluster/membership_store.hpp"
#include "cluster/node/node_status.hpp"
#include "cluster/node/shard_host.hpp"
#include "cluster/request/peer_requests.hpp"

namespace graphrag::cluster {

class Link;

// How the node reaches others.
struct PeerNet {
  runtime::Transport* transport = nullptr;
  // Called with every view while this node is a member, with all other members; with none when it
  // is none any more. From the driver's thread. Empty: the transport knows everybody anyway.
  std::function<void(std::vector<PeerAddress>)> set_peers;
  // Called by ClusterNode::start(), when everything that the transport calls is set. May be empty.
  std::function<void()> start;
};
// Over a link that was opened for the same NodeId and cluster, and not started yet.
PeerNet over(Link& link);

enum class NodeEnd : std::uint8_t {
  left,   // leave() came to its end
  fenced, // others have removed this node: the process must end without a word to clients
  failed, // the driver broke: as fenced
  stale   // it fell too far behind the log before it was a member (log_freshness.hpp): as fenced
};

struct NodeOptions {
  Member self;                 // id (cluster/identity.hpp), address "host:port", memory budget
  std::string cluster;         // its id, 1 to 64 bytes; nodes of another one are not heard
  Settings settings;           // the same on all nodes
  std::set<std::string> ended; // nodes known to be dead, see Membership
  // The name in a peer's certificate, from its ordinal, "{}" stands for it: a name is bound to an
  // ordinal, whatever address the view gives. Such as "graphrag-{}.graphrag".
  std::string certificate_name = "graphrag-{}.graphrag";
  // At this time of the lease clock, or later, the host has read the log's last number to begin
  // with. Not given: when the node is made.
  std::optional<runtime::SteadyTime> log_as_of;
  RequestLimits requests;
  // Bytes of bodies above one envelope, per peer: those that this node keeps for the peer to fetch,
  // and, counted apart, those that it fetches from it. Beyond: overloaded.
  std::size_t max_body_memory = 64 * 1024 * 1024;
  // Called once, on the driver's thread or for `failed` on the one that broke, with a line for the
  // log. The read right has ended before.
  std::function<void(NodeEnd, const std::string&)> on_end;
  // False: no threads; whoever made the node calls turn(). For tests under a virtual clock.
  bool own_threads = true;
};

// A peer's question to handle().
struct PeerCall {
  NodeId from;
  std::string body;
  runtime::SteadyTime deadline; // by this node's clock; work done later is in vain
};

inline constexpr std::size_t max_peer_body_bytes = 16 * 1024 * 1024;

class ClusterNode {
public:
  // `clock` is that of request deadlines. Leases are measured by `lease_clock`, which must go on
  // while the machine sleeps: LeaseClock (lease_clock.hpp) but in tests.
  ClusterNode(NodeOptions options, std::shared_ptr<MembershipStore> store, PeerNet net,
              ShardHost& host, const runtime::Clock& clock, const runtime::Clock& lease_clock);
  ~ClusterNode(); // stop()
  ClusterNode(const ClusterNode&) = delete;
  ClusterNode& operator=(const ClusterNode&) = delete;

  // Before start(), one per kind, not thread-safe. The handler runs on the transport's thread (for
  // a question of this node to itself on the asker's): it must be quick, and answers through the
  // promise from wherever, with up to max_peer_body_bytes. A promise that is dropped answers
  // `lost`. Kinds are 1 to 48 bytes and do not begin with '$'.
  void handle(const std::string& kind, std::function<void(PeerCall, Answer)> handler);

  void start();
  // Ends at once, as a crash would but for what this process still has to say to itself: waits for
  // the threads (at most one database call), and everything pending hears `canceled`. The cluster
  // waits for its lease; call leave() first when it should not. Never from a callback of the node.
  void stop();
  // Drains: shards move away, at most Settings::drain long, then the node takes itself out of the
  // view. `left` hears done, or conflict when it was fenced instead, or canceled by stop(). May be
  // called again; a node that never became a member has left at once.
  void leave(runtime::Promise<void> left);

  // ---- what it knows ------------------------------------------------------------------------
  const NodeId& self() const noexcept;
  Phase phase() const noexcept;
  std::shared_ptr<const ClusterView> view() const; // the newest seen; cheap; never null
  // Whose turn it is to plan, as of the last answer of the database; for background work that one
  // node should do. Two nodes may think so for a moment.
  bool is_planner() const noexcept;
  // Every member has left the log up to this number behind, by what the leases said some seconds
  // ago at most. Nothing: it is not known, or another node is the planner.
  std::optional<std::uint64_t> left_behind() const;
  bool lost_database() const noexcept;
  std::shared_ptr<const NodeStatus> status() const; // at most some 100 ms old; never null

  // May this node show what it holds of the shard now? Its right to read lasts by its clock, which
  // is looked at in every call; the view counts on the shard here; and it has applied what it must.
  // Some loads of atomics and a clock, no lock. 0: no. Else a number that stays the same as long as
  // that has held without a gap. Ask before the content of a question is read, and again with that
  // number just before the answer is sent: in between the process may have stood still, lost the
  // right, and got it back for newer content than what was read.
  std::uint64_t may_read(std::uint32_t shard) const noexcept;
  bool may_still_read(std::uint32_t shard, std::uint64_t since) const noexcept {
    return since != 0 && may_read(shard) == since;
  }

  // May the owner of a claim still be working on it? `owner` is to_string(NodeId). False when it is
  // no member of the newest view seen here, and when it is no node's name. A view that lags may
  // deny a node that has just joined: the work is then done twice and the epoch decides, so use
  // the view of the claiming transaction where there is one.
  bool owner_alive(const std::string& owner) const;

  // ---- what others tell it ------------------------------------------------------------------
  // Another part of the process could not reach the database: looks for itself soon.
  void database_failed();
  // The host's state of the shard changed: loaded, failed, or applied more. Cheap, and may be
  // called for every change; without it the driver sees it within 100 ms.
  void progressed(std::uint32_t shard);
  // Somebody has seen the cluster's view of this version, such as in a transaction: reads it soon.
  void hint_view(std::uint64_t version);

  // ---- peers --------------------------------------------------------------------------------
  // Asks a member; this node too, without the network. Bodies up to max_peer_body_bytes both ways;
  // what is larger than an envelope is fetched in parts by the side that needs it, a few parts at a
  // time, so a large body delays small ones by no more than those. Questions are not ordered among
  // each other. The promise hears the answer, or
  //   invalid_argument  too large           not_found    no such member in the newest view here
  //   unavailable       no session now      overloaded   too much is under way to it
  //   timeout           the deadline passed lost         the session ended, or it dropped the
  //                                                      question, or one of the two is no member
  //                                                      for the other: look at the view again
  //   canceled          the node stops
  // and whatever the handler gave. After timeout and lost the peer may have done it.
  void request(const NodeId& peer, const std::string& kind, std::string body,
               runtime::SteadyTime deadline, Answer answer);
  // To all other members of the newest view, answers are not waited for. Best effort: a member that
  // cannot be reached now hears nothing.
  void broadcast(const std::string& kind, const std::string& body);

  // ---- waiting ------------------------------------------------------------------------------
  // After a delete's transaction, which gave the number `seq` and the version of the view at that
  // instant: fulfilled when no replica can show the document any more (delete_barrier.hpp), so that
  // the delete may be answered. Errors: timeout (the delete is committed, somebody may show it for
  // a while), canceled, invalid_argument (no such shard).
  void await_deleted(std::uint64_t seq, std::uint64_t view_version, std::uint32_t shard,
                     runtime::SteadyTime deadline, runtime::Promise<void> done);
  // Fulfilled with a node that serves the shard and has applied `seq` there; this one when it does,
  // else the first that says so. Errors: timeout, canceled, invalid_argument.
  void await_applied(std::uint64_t seq, std::uint32_t shard, runtime::SteadyTime deadline,
                     runtime::Promise<NodeId> where);

  // Only with own_threads false: does what is due, with the database's calls, on this thread.
  void turn();

private:
  class Core;
  std::shared_ptr<Core> core_;
};

} // namespace graphrag::cluster
