#pragma once
// Whether a node that is no member yet may have missed deletions in the log.
//
// Members say what they need of the log (Lease::needed_after), and nothing of that is forgotten.
// A newcomer has no lease. It is safe all the same as long as what it has read is never older than
// Settings::fresh_log, since a deletion is kept for Settings::keep_deletions, which is longer. Here
// is looked after that; a newcomer that was held up for longer must start anew, with a new read.
// Once it is a member it needs this no more.
#include <cstdint>
#include <optional>

#include "cluster/settings.hpp"

namespace graphrag::cluster {

// Times are the node's. Not thread-safe.
class LogFreshness {
public:
  // `as_of`: at that time, or later, the node has read the log's last number to begin with.
  LogFreshness(const Settings& settings, Millis as_of)
      : limit_(settings.fresh_log), current_(as_of) {}

  // What the node needs of the log now (ShardHost::needed_after). Called often.
  void stands(Millis now, std::uint64_t needed_after);
  // The log's last number, as a read gave it that was sent at `sent`.
  void saw(Millis sent, std::uint64_t seq);
  // It may have missed deletions, or may miss them when it reads on.
  bool late(Millis now) const noexcept { return missed_ || now - current_ > limit_; }

private:
  struct Seen {
    Millis sent = 0;
    std::uint64_t seq = 0;
  };
  Millis limit_;
  Millis current_; // the node has all that the log held then
  std::optional<std::uint64_t> stands_;
  std::optional<Seen> awaited_; // the first that the node has not reached yet
  bool missed_ = false;         // it read on from what was too old
};

} // namespace graphrag::cluster
