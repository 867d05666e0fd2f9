#pragma once
// One node's membership: what it asks of the database and when, and what it has learnt. A state
// machine without I/O or a clock: the driver calls next() often (every 100 ms, and after every
// event), makes the call that it gives, and reports the answer. One call is under way at a time.
// Not thread-safe.
//
//   waiting -> joining -> up -> leaving -> left
//      |          `--------'------'-> fenced: removed by others; the process must end
//
// A newcomer waits until no member has its ordinal, but for its own earlier lives. A member renews
// its lease, votes against members whose lease has ended, and becomes up when it reaches a quorum.
// The planner (lease_table.hpp) removes members that expired and moves shards. Without the database
// nothing changes.
#include <functional>
#include <optional>
#include <set>
#include <span>

#include "cluster/membership_store.hpp"
#include "cluster/read_right.hpp"

namespace graphrag::cluster {

enum class Phase : std::uint8_t { waiting, joining, up, leaving, left, fenced };

// What the node knows of itself at the time of next().
struct LocalFacts {
  bool reaches_quorum = false;                 // PeerWatch
  bool isolated = false;                       // PeerWatch
  std::vector<std::uint32_t> loaded;           // shards whose replica is loaded, sorted
  std::function<bool(const NodeId&)> may_vote; // PeerWatch::may_vote_against
  std::span<const std::uint64_t> shard_bytes;  // sizes, for the placement
  std::uint64_t needed_after = 0;              // ShardHost
};

struct DatabaseCall {
  enum class Kind : std::uint8_t { read, renew, change };
  Kind kind = Kind::read;
  std::uint64_t number = 0; // of the call
  Millis sent = 0;
  Renewal renewal;   // of renew
  ViewChange change; // of change
};

class Membership {
public:
  // `self` without a state. The incarnation must be new: drawn at random at the process's start.
  // `ended`: nodes that are known to be dead (earlier_lives.hpp), whose leases are not waited for.
  Membership(Member self, const Settings& settings, std::set<std::string> ended = {});

  std::optional<DatabaseCall> next(Millis now, const LocalFacts& facts);
  // An answer later than Settings::database_timeout counts as none.
  void answered(Millis now, const DatabaseCall& call, const runtime::Result<Snapshot>& answer);
  // Another part of the node lost the database: the next renewal, soon, will show.
  void database_failed();
  // A peer has seen a view of this version.
  void hint(std::uint64_t version);
  // A member says that this node is gone from the view of this version.
  void told_gone(std::uint64_t version);
  // Drain and go. Again is harmless.
  void leave() noexcept { wants_to_leave_ = true; }

  Phase phase() const noexcept { return phase_; }
  bool is_member() const noexcept {
    return phase_ == Phase::joining || phase_ == Phase::up || phase_ == Phase::leaving;
  }
  const NodeId& self() const noexcept { return self_.id; }
  const ClusterView& view() const noexcept { return snapshot_.view; }
  const Snapshot& snapshot() const noexcept { return snapshot_; } // of the last successful call
  ReadRight& read_right() noexcept { return right_; }
  const ReadRight& read_right() const noexcept { return right_; }
  bool lost_database() const noexcept { return lost_; }
  // A vote against the member is in the database, or may be.
  bool voted_against(const NodeId& member) const { return votes_sent_.contains(member); }
  // Shards for which the last plan found no room; kept by the planner only.
  const std::vector<std::uint32_t>& no_room() const noexcept { return no_room_; }

private:
  std::optional<ViewChange> proposal(Millis now, const LocalFacts& facts);
  std::optional<ViewChange> own_proposal(Millis now, const LocalFacts& facts);
  std::optional<ViewChange> removal(Millis now) const;
  bool watched_long_enough(Millis now) const;
  bool must_renew(Millis now, const LocalFacts& facts) const;
  std::vector<NodeId> votes(Millis now, const LocalFacts& facts) const;
  bool busy() const;
  void failed(Millis now);
  void take(Millis now, const Snapshot& snapshot);
  DatabaseCall call(DatabaseCall::Kind kind, Millis now);

  Member self_;
  Settings settings_;
  std::set<std::string> ended_;
  ReadRight right_;
  Phase phase_ = Phase::waiting;
  Snapshot snapshot_;
  bool fresh_ = false;                  // the snapshot has not been used for a proposal yet
  bool doubts_ = false;                 // a call failed, or somebody's did
  bool lost_ = false;                   // and none has succeeded for Settings::lost_after
  std::optional<Millis> contact_since_; // unbroken contact with the database
  std::optional<Millis> last_contact_;  // the last call that succeeded was sent
  std::optional<DatabaseCall> under_way_;
  std::uint64_t calls_ = 0, hinted_ = 0;
  Millis last_call_, last_renewal_;
  Renewal last_renewed_;        // contents of the last successful renewal
  std::set<NodeId> votes_sent_; // of all renewals since, and that one
  bool wants_to_leave_ = false;
  std::vector<std::uint32_t> no_room_;
};

} // namespace graphrag::cluster
