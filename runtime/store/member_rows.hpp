#pragma once
// The rows that a cluster's membership stands on: one view, which changes only by compare-and-set,
// so that everybody agrees on one order of views, and a row per member with a lease, measured by
// the store's clock alone. What the view and the members' bodies say is the caller's business
// (cluster/stored_membership.hpp).
//
// All calls block. Each ends, done or not, within the time that the adapter was opened with.
// Errors: unavailable (the call may or may not have been done), conflict and not_found as below.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"

namespace graphrag::runtime {

struct MemberName {
  std::uint32_t ordinal = 0;
  std::uint64_t incarnation = 0;
  friend auto operator<=>(const MemberName&, const MemberName&) = default;
};

struct MemberRow {
  MemberName name;
  std::int64_t until_ms = 0; // the end of the lease by the store's clock
  std::string body;
  // It reads changes of the log after this number only; 0: it does not say, which may mean all.
  std::uint64_t needed_after = 0;
};

struct MemberTable {          // as of one instant
  std::uint64_t version = 0;  // of the view; 0: never written, and it is empty
  std::uint64_t view_seq = 0; // the log's last number when the view was written
  std::string view;
  std::vector<MemberRow> members; // by ordinal; those whose lease has ended too
  std::int64_t now_ms = 0;        // the store's clock
  std::uint64_t seq = 0;          // the log's last number
};

struct LeaseRenewal {
  MemberName name;
  std::uint64_t number = 0; // grows with each renewal of the member, from 1
  std::string body;
  std::chrono::milliseconds length{0}; // of the lease, from now on
  std::uint64_t needed_after = 0;      // as in MemberRow
};

struct ViewReplacement {
  std::uint64_t version = 0; // of the new view
  std::string view;
  std::vector<MemberName> members;    // of the new view
  std::string newcomer;               // the body of members that are new
  std::chrono::milliseconds lease{0}; // of members that are new
  struct Ended {
    MemberName name;
    std::int64_t until_ms = 0;
  };
  std::vector<Ended> ended; // leases that must still be what they were, if they are there
};

class MemberRows {
public:
  virtual ~MemberRows() = default;

  virtual Result<MemberTable> read() = 0;

  // Renews the lease, unless a renewal of this number or a later one came before; then it changes
  // nothing. The answer is read after that, so it holds all that was visible to anybody who has not
  // seen the renewal. not_found when there is no such member.
  virtual Result<MemberTable> renew(const LeaseRenewal& renewal) = 0;

  // Replaces the view, makes rows for members that have none, and removes those of who is no member
  // any more. Its place in the order of the log is one instant: a write of a number up to view_seq
  // came before, all others come later. conflict, and nothing is changed, unless the view is of the
  // version before and the leases of `ended` are what they were.
  virtual Result<MemberTable> replace(const ViewReplacement& change) = 0;
};

// For tests and simulation. Thread-safe. `last_seq` gives the log's last number; it may be empty.
std::unique_ptr<MemberRows> make_memory_member_rows(std::shared_ptr<const Clock> clock,
                                                    std::function<std::uint64_t()> last_seq = {});

} // namespace graphrag::runtime
