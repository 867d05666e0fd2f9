#pragma once
// Where a question goes: every shard to one of its replicas, one message per node, and again to
// another replica when one refuses, is lost, or is late (max(50 ms, 3 x p99)), until the deadline.
// The first answer of a shard counts. When all replicas of a shard refused, they are asked again,
// of the newest view, after a short pause; one that has not answered yet is not asked twice. A
// state machine without I/O or a clock; not thread-safe.
#include <map>
#include <optional>
#include <span>

#include "cluster/cluster_view.hpp"

namespace graphrag::cluster {

class QueryRoute {
public:
  struct Send {
    NodeId to;
    std::uint32_t number = 0; // of the message: its answer names it
    std::vector<std::uint32_t> shards;
  };

  // `id` spreads questions over replicas of equal merit; the node itself is preferred.
  QueryRoute(NodeId self, std::uint64_t id, std::span<const std::uint32_t> shards, Millis deadline,
             Millis p99);

  // What to send now; call after every event and at wake().
  std::vector<Send> next(Millis now, const ClusterView& view);
  // An answer: these shards it gave, the others of the message it refused. True for the shards
  // whose answer counts, in the order of `answered`; answers to unknown messages count for nothing.
  std::vector<bool> on_answer(Millis now, const NodeId& from, std::uint32_t number,
                              std::span<const std::uint32_t> answered);
  // The node is lost: what was sent to it is refused.
  void on_lost(Millis now, const NodeId& node);

  bool done(Millis now) const noexcept { return missing() == 0 || now >= deadline_; }
  std::size_t missing() const noexcept { return open_.size(); }
  std::vector<std::uint32_t> missing_shards() const;
  Millis deadline() const noexcept { return deadline_; }
  Millis late_after() const noexcept { return late_; }
  std::size_t under_way() const noexcept { return under_way_.size(); } // messages without an answer
  // When next() may have something to say even if nothing happens.
  Millis wake() const;

private:
  struct Shard {
    std::vector<NodeId> tried;        // in this round
    std::vector<std::uint32_t> asked; // numbers of messages without an answer
    Millis ask_at = 0;                // not before
  };
  struct Message {
    NodeId to;
    std::vector<std::uint32_t> shards;
    Millis late_at = 0;
    bool counted_late = false;
  };
  bool is_asked(const Shard& shard, const NodeId& node) const;
  void refused(Millis now, std::uint32_t number, const std::vector<std::uint32_t>& shards);

  NodeId self_;
  std::uint64_t id_;
  Millis deadline_, late_;
  std::uint32_t messages_ = 0;
  std::map<std::uint32_t, Shard> open_;
  std::map<std::uint32_t, Message> under_way_;
};

} // namespace graphrag::cluster
