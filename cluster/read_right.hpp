#pragma once
// A node's right to answer questions from its memory, by its own clock. Not thread-safe.
//
// It lasts as long as the lease, counted from before the renewal was sent and `margin` shorter, so
// it ends before the lease does. While the database is away it goes on from attestation to
// attestation of a quorum, without a gap, for at most `outage_reads` after the lease. Once it has
// ended, the next renewal gives it back, but only for a view that has applied all that the log held
// then: meanwhile deletes may have been answered without this node. Time is looked at when a
// question is answered, never kept as a flag: a process that was stopped wakes up without noticing.
#include <algorithm>

#include "cluster/settings.hpp"

namespace graphrag::cluster {

class ReadRight {
public:
  explicit ReadRight(const Settings& settings) : settings_(settings) {}

  // A renewal that was sent at `sent` succeeded, when the log's last number was `seq`.
  void renewed(Millis sent, Millis now, std::uint64_t seq) {
    const auto until = sent + settings_.lease - settings_.margin;
    if (now > until_) until_ = until, floor_ = seq;
    until_ = std::max(until_, until);
    last_ = until + settings_.outage_reads - settings_.outage_reads / 20; // clocks may differ
  }
  // A quorum has lost the database too, and will not vote against this node before `until`.
  void attested(Millis until, Millis now) {
    if (now <= until_) until_ = std::max(until_, std::min(until, last_));
  }
  // For good: the node left, or was told that it is gone.
  void end() noexcept { over_ = true; }

  bool held(Millis now) const noexcept { return !over_ && now <= until_; }
  // May a view that has applied everything up to `applied` be shown?
  bool may_read(Millis now, std::uint64_t applied) const noexcept {
    return held(now) && applied >= floor_;
  }
  Millis until() const noexcept { return over_ ? never : until_; }
  std::uint64_t floor() const noexcept { return floor_; }

private:
  static constexpr Millis never = INT64_MIN / 2;
  Settings settings_;
  Millis until_ = never, last_ = never;
  std::uint64_t floor_ = 0;
  bool over_ = false;
};

} // namespace graphrag::cluster
