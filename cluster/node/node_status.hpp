#pragma once
// What a node knows of the cluster, for people and metrics. Made by the driver every 100 ms; a
// value, any thread.
#include <optional>
#include <string>
#include <vector>

#include "cluster/cluster_view.hpp"
#include "cluster/membership.hpp"
#include "cluster/node/shard_host.hpp"

namespace graphrag::cluster {

struct MemberStatus {
  Member member;
  bool self = false, reached = false; // reached: a ping was answered of late; this node always is
  bool planner = false;
  // What the member said of itself with its last answer to a ping; nothing before the first.
  struct Report {
    std::uint32_t served = 0, loading = 0; // shards that it answers for, and that it brings
    std::uint64_t lag = 0; // numbers of the log that its slowest served shard has not applied
    std::uint64_t bytes = 0;
  };
  std::optional<Report> report;
};

struct ShardStatus {
  ShardState state;    // on this node, as its host says
  bool wanted = false; // by the view: it loads, serves, or retires here
  bool serves = false; // may be read, as long as the node's right lasts
};

struct NodeStatus {
  NodeId self;
  Phase phase = Phase::waiting;
  std::uint64_t view_version = 0;
  std::vector<MemberStatus> members;  // by ordinal
  std::vector<ShardOwners> placement; // by shard
  std::vector<ShardStatus> shards;    // by shard, of this node
  std::vector<std::uint32_t> no_room; // shards without a replica since no budget has room; planner
  bool reaches_quorum = false, isolated = false;
  bool lost_database = false;
  Millis database_age = -1;  // since the last answer of the database; -1: there was none yet
  Millis right_left = 0;     // how long the right to read lasts from now on; 0: there is none
  std::uint64_t log_seq = 0; // the log's last number at that answer
  std::uint64_t moves = 0;   // replicas that began to load here since the start
  std::size_t deletes_waiting = 0;
};

const char* to_string(Phase phase) noexcept;
const char* to_string(MemberState state) noexcept;

} // namespace graphrag::cluster
