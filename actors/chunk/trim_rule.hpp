#pragma once
// Up to which number of the log deletions may be forgotten (Store::trim_changes), from what was
// said of it over time.
//
// A number may go when everybody whose needs are known has left it behind, for `keep` already: who
// begins to read the log and is not known yet has read its last number not longer ago than that,
// and so after all changes up to there. The least of what was said since then counts, so that
// somebody who goes back a little is heard, and when it is not known now nothing goes.
#include <cstdint>
#include <deque>
#include <optional>

#include "runtime/clock.hpp"

namespace graphrag::chunk {

// Pure; not thread-safe.
class TrimRule {
public:
  explicit TrimRule(std::chrono::milliseconds keep) : keep_(keep) {}

  // At `now` nobody needs changes up to this number any more, as far as is known; nothing: it is
  // not known. Times never go back. It remembers one a call, for `keep`.
  void said(runtime::SteadyTime now, std::optional<std::uint64_t> left_behind);
  // By what was said so far. 0: nothing.
  std::uint64_t may_go() const;

private:
  struct Said {
    runtime::SteadyTime at;
    std::uint64_t number;
  };
  std::chrono::milliseconds keep_;
  std::deque<Said> said_; // what is old enough is the first only
  bool known_ = false;
  bool old_enough_ = false;
};

} // namespace graphrag::chunk
