#include "cluster/replica_loader.hpp"

namespace graphrag::cluster {

bool ReplicaLoader::follow(const ClusterView& view, NodeOrdinal self) {
  const bool now_serving = reads(view, shard_, self);
  const bool wanted =
      now_serving || (shard_ < view.shards.size() && contains(view.shards[shard_].loading, self));
  if (now_serving && !serving_) floor_ = view.seq;
  serving_ = now_serving;
  if (wanted && state_ == State::absent) {
    state_ = State::wanted;
    ++attempt_;
  } else if (!wanted && state_ != State::absent) {
    state_ = State::absent;
    applied_ = 0;
    ++attempt_;
    return true;
  }
  return false;
}

std::optional<std::uint64_t> ReplicaLoader::wants_snapshot(Millis now) {
  const bool overdue = state_ == State::asked && now - asked_at_ > settings_.load_timeout;
  if (state_ != State::wanted && !overdue) return std::nullopt;
  if (overdue) ++attempt_;
  state_ = State::asked;
  asked_at_ = now;
  return attempt_;
}

bool ReplicaLoader::on_snapshot(std::uint64_t attempt, std::uint64_t seq) {
  if (state_ != State::asked || attempt != attempt_) return false;
  state_ = State::tailing;
  applied_ = seq;
  return true;
}

bool ReplicaLoader::on_tail(std::uint64_t previous, std::uint64_t upto) {
  if (!holds() || previous > applied_ || upto < applied_) return false;
  applied_ = upto;
  state_ = State::loaded;
  return true;
}

void ReplicaLoader::lost() {
  if (state_ == State::absent) return;
  state_ = State::wanted;
  applied_ = 0;
  ++attempt_;
}

} // namespace graphrag::cluster
