#pragma once
// One process of the simulated cluster: the machines of cluster/ driven as a product's driver does,
// over the seams that the world gives it.
#include <functional>
#include <memory>

#include "cluster/delete_barrier.hpp"
#include "cluster/membership.hpp"
#include "cluster/peer_guard.hpp"
#include "cluster/peer_watch.hpp"
#include "cluster/query_route.hpp"
#include "cluster/replica_loader.hpp"
#include "tests/sim/cluster_database.hpp"

namespace graphrag::cluster::sim {

struct ShardAnswer {
  std::uint32_t shard = 0;
  std::uint64_t applied = 0;
  std::map<DocId, std::uint64_t> versions;
};

struct Message {
  enum class Kind { ping, pong, gone, ask_applied, applied, read, answer } kind = Kind::ping;
  Millis sent = 0;
  bool attests = false;
  std::uint64_t request = 0, seq = 0; // seq: `after` of a read
  std::uint32_t number = 0, shard = 0;
  std::vector<std::uint32_t> shards;
  AppliedReport report;
  std::vector<ShardAnswer> answers;
};

enum class OpKind { put, remove, query };
struct Op {
  std::uint64_t id = 0;
  OpKind kind = OpKind::put;
  int client = 0;
  DocId doc = 0;
  std::vector<std::uint32_t> shards; // of a query
  std::uint64_t after = 0;
  Millis began = 0, deadline = 0; // world time
};
struct OpResult {
  bool ok = false;       // else nobody knows
  std::uint64_t seq = 0; // of a delete
  std::vector<ShardAnswer> answers;
};

// What a process stands on.
class Ground {
public:
  virtual ~Ground() = default;
  virtual Millis now() const = 0;
  // Runs `run` in the database and later `done` in the process, unless either way is cut. The
  // answer takes up to `extra` milliseconds more.
  virtual void database(const NodeId& from, std::function<void(Database&)> run,
                        std::function<void()> done, Millis extra = 0) = 0;
  // Without an address: to where the node was last heard from.
  virtual void send(const NodeId& from, const NodeId& to, const std::string& address,
                    std::uint64_t view_version, Message message) = 0;
  virtual void ended(const Op& op, const OpResult& result) = 0;
  virtual void accepted(std::uint64_t op) = 0; // the store has taken a put
  virtual std::uint64_t below(std::uint64_t end) = 0;
  virtual void check_read(const NodeId& reader) = 0;
  virtual History& history() = 0;
  virtual const Settings& settings() const = 0;
  virtual Mistake mistake() const = 0;
};

class SimNode {
public:
  // Its clock differs from the world's by an offset, and runs `drift` thousandths faster.
  SimNode(Ground& ground, Member self, Millis clock_offset, Millis drift);

  void step(); // often, and after every event
  void receive(const PeerHeader& header, const Message& message);
  void submit(Op op);
  void leave();

  const Membership& membership() const { return membership_; }
  const ReplicaLoader& loader(std::uint32_t shard) const { return loaders_[shard]; }
  const std::map<DocId, std::uint64_t>& content(std::uint32_t shard) const {
    return contents_[shard];
  }
  const std::map<std::uint64_t, Op>& open() const { return open_; }
  bool pending() const {
    return !open_.empty() || !barriers_.empty() || !routes_.empty() || !works_.empty();
  }
  bool may_read_now() const { return membership_.read_right().held(local()); }

private:
  Millis local() const { return ground_.now() + offset_ + ground_.now() * drift_ / 1000; }
  void step_membership(Millis now);
  void install_view(Millis now);
  void step_replicas(Millis now);
  void step_work(Millis now);
  void step_deletes(Millis now);
  void step_routes(Millis now);
  void look_for_work(Millis now);
  void claim(const runtime::Claimable& document);
  void commit(const runtime::DocumentKey& key, std::uint64_t epoch);
  void send(const NodeId& to, Message message);
  std::vector<ShardAnswer> read(const std::vector<std::uint32_t>& shards, std::uint64_t after);
  AppliedReport report(std::uint32_t shard) const;
  void on_answer(const NodeId& from, const Message& message);
  void finish(std::uint64_t op, OpResult result);

  Ground& ground_;
  Settings settings_;
  Millis offset_, drift_;
  Membership membership_;
  PeerWatch watch_;
  std::vector<ReplicaLoader> loaders_;
  std::vector<std::map<DocId, std::uint64_t>> contents_;
  std::uint64_t seen_version_ = 0;
  std::optional<Millis> polling_;
  Millis next_poll_ = 0, next_ask_ = 0;
  bool right_at_tick_ = false;
  struct Work {
    std::uint64_t epoch = 0; // 0: being claimed
    Millis due = 0;          // to be committed, or the claim is given up
  };
  std::map<runtime::DocumentKey, Work> works_;
  std::optional<Millis> looking_;
  Millis next_look_ = 0;
  std::map<std::uint64_t, Op> open_;
  std::map<std::uint64_t, DeleteBarrier> barriers_;
  struct Route {
    QueryRoute route;
    OpResult result;
  };
  std::map<std::uint64_t, Route> routes_;
};

} // namespace graphrag::cluster::sim
