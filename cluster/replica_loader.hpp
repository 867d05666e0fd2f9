#pragma once
// The loading of one shard's replica: a snapshot of the store at some number S, then the log after
// S, again and again. It is loaded, and says so to the planner, once a tail has reached the log's
// end. A load that the placement no longer wants is abandoned: what still arrives of it is refused
// by its attempt number, so that no second applier ever writes into a newer replica. Not
// thread-safe.
#include <cstdint>
#include <optional>

#include "cluster/cluster_view.hpp"

namespace graphrag::cluster {

class ReplicaLoader {
public:
  ReplicaLoader(std::uint32_t shard, const Settings& settings)
      : shard_(shard), settings_(settings) {}

  // Follows the placement. True when the replica is not wanted any more and its data must go.
  bool follow(const ClusterView& view, NodeOrdinal self);
  // The attempt whose snapshot should be asked for now; again after load_timeout.
  std::optional<std::uint64_t> wants_snapshot(Millis now);
  // A snapshot at `seq` came. False: it is of an abandoned attempt, drop it.
  bool on_snapshot(std::uint64_t attempt, std::uint64_t seq);
  // The log's entries after `previous` up to `upto`, which is its end. True: apply those whose
  // number is beyond applied() as it was before the call. False: there is a gap, or nothing is
  // held.
  bool on_tail(std::uint64_t previous, std::uint64_t upto);
  // Whoever held the replica has lost it: it is loaded anew, under another attempt.
  void lost();

  std::uint32_t shard() const noexcept { return shard_; }
  bool holds() const noexcept { return state_ == State::tailing || state_ == State::loaded; }
  bool loaded() const noexcept { return state_ == State::loaded; }
  std::uint64_t applied() const noexcept { return applied_; }
  std::uint64_t attempt() const noexcept { return attempt_; }
  // Does the newest view followed count on this replica's answers, and has it applied all that the
  // log held when it was first counted on? ReadRight must agree too.
  bool serves() const noexcept { return serving_ && loaded() && applied_ >= floor_; }
  // Counted on, whether it can answer yet or not.
  bool counted_on() const noexcept { return serving_; }

private:
  enum class State : std::uint8_t { absent, wanted, asked, tailing, loaded };
  std::uint32_t shard_;
  Settings settings_;
  State state_ = State::absent;
  std::uint64_t attempt_ = 0, applied_ = 0, floor_ = 0;
  Millis asked_at_ = 0;
  bool serving_ = false;
};

} // namespace graphrag::cluster
