#pragma once
// The driver: everything that its one thread does. Internal to cluster/node.
//
// Public functions are for any thread unless they are said to be the driver's. They post to the
// queue; what runs there may touch the machines, which know neither locks nor clocks.
#include <deque>
#include <map>
#include <thread>

#include "cluster/delete_barrier.hpp"
#include "cluster/log_freshness.hpp"
#include "cluster/node/cluster_node.hpp"
#include "cluster/node/node_board.hpp"
#include "cluster/node/node_probe.hpp"
#include "cluster/node/node_wire.hpp"
#include "cluster/node/peer_talk.hpp"
#include "cluster/node/shard_sizes.hpp"
#include "cluster/node/task_queue.hpp"
#include "cluster/peer_watch.hpp"
#include "cluster/replica_loader.hpp"

namespace graphrag::cluster {

class ClusterNode::Core : public std::enable_shared_from_this<Core> {
public:
  Core(NodeOptions options, std::shared_ptr<MembershipStore> store, PeerNet net, ShardHost& host,
       const runtime::Clock& clock, const runtime::Clock& lease_clock);

  void listen(); // takes the transport; once, when somebody shares this object
  void start();
  void stop();
  void turn(); // with own_threads false

  // False when the node has stopped: the task was not taken.
  bool post(TaskQueue::Task task) { return queue_.post(std::move(task)); }
  void serve(LargeBodies::Question question, Answer answer);
  void progressed(std::uint32_t shard);

  // ---- of the driver's thread -----------------------------------------------------------------
  void leave(runtime::Promise<void> left);
  void database_failed();
  void hint(std::uint64_t version) { membership_.hint(version); }
  void await_deleted(DeleteBarrier barrier, runtime::SteadyTime deadline,
                     runtime::Promise<void> done);
  void await_applied(std::uint64_t seq, std::uint32_t shard, runtime::SteadyTime deadline,
                     runtime::Promise<NodeId> where);

  const NodeOptions options;
  const std::shared_ptr<NodeBoard> board;
  const runtime::Clock& clock;
  std::map<std::string, std::function<void(PeerCall, Answer)>> handlers; // fixed once started
  std::unique_ptr<PeerTalk> talk;

private:
  void run();          // the thread's
  void run_database(); // the other one's
  void step(bool timed);
  void broke(const std::string& why);

  // membership (node_core.cpp, node_view.cpp)
  void step_membership(Millis now);
  void call_database(DatabaseCall call);
  runtime::Result<Snapshot> ask_store(const DatabaseCall& call);
  void answered(const DatabaseCall& call, const runtime::Result<Snapshot>& answer);
  void install_view();
  void follow_phase();
  void end_if_stale(Millis now);
  void end(NodeEnd how, const std::string& why);

  // replicas (node_replicas.cpp)
  void follow_replicas(const ClusterView& view);
  void look_at(std::uint32_t shard);
  void step_replicas(Millis now);
  bool serves(std::uint32_t shard) const;
  void publish_right();
  void publish_status(Millis now);
  MemberStatus::Report own_report() const;
  NodeStatus make_status(Millis now) const;

  // peers (node_peers.cpp)
  void step_peers(Millis now);
  void on_message(const NodeId& from, const std::string& kind, const std::string& body);
  void on_ping(const NodeId& from, const Ping& ping);
  void on_shard_question(const ShardQuestion& question, runtime::SteadyTime deadline,
                         const Answer& answer);
  ShardReport report(std::uint32_t shard) const;
  static bool holds(const ShardQuestion& question, const ShardReport& report);
  void answer_shard_questions();

  // waits (node_waits.cpp)
  struct Wait;
  void step_waits();
  bool step_delete(std::uint64_t id, Wait& wait); // true: it is over
  bool step_applied(std::uint64_t id, Wait& wait);
  void ask(std::uint64_t id, Wait& wait, const NodeId& peer);
  void on_report(std::uint64_t id, const NodeId& from, const runtime::Result<ShardReport>& report);

  std::shared_ptr<MembershipStore> store_;
  PeerNet net_;
  ShardHost& host_;
  TaskQueue queue_, database_queue_;
  std::thread thread_, database_thread_;
  bool started_ = false, stopped_ = false, ended_ = false;
  std::atomic<bool> database_busy_{false};

  Membership membership_;
  LogFreshness freshness_; // until it is a member
  PeerWatch watch_;
  NodeProbe probe_;
  ShardSizes sizes_;
  std::vector<ReplicaLoader> loaders_;
  std::vector<ShardState> states_;            // as the host said when it was last looked at
  std::vector<std::atomic<bool>> progressed_; // a look at the shard is on its way
  std::uint64_t seen_version_ = 0, last_token_ = 0, moves_ = 0;
  Phase phase_ = Phase::waiting;
  bool was_lost_ = false;
  std::optional<Millis> contact_; // the last answer of the database
  std::map<NodeId, MemberStatus::Report> reports_;
  std::vector<runtime::Promise<void>> leaving_;
  bool wants_to_leave_ = false;

  struct Asked { // a peer's question about a shard that does not hold yet
    ShardQuestion question;
    runtime::SteadyTime until;
    Answer answer;
  };
  std::deque<Asked> asked_;

  struct Wait { // await_deleted or await_applied
    std::optional<DeleteBarrier> barrier;
    std::uint64_t seq = 0;
    std::uint32_t shard = 0;
    runtime::SteadyTime deadline;
    runtime::Promise<void> done;
    runtime::Promise<NodeId> where;
    std::map<NodeId, runtime::SteadyTime> asks; // under way, or not to be repeated before
    std::optional<NodeId> found;
  };
  std::map<std::uint64_t, Wait> waits_;
  std::uint64_t last_wait_ = 0;
};

} // namespace graphrag::cluster
