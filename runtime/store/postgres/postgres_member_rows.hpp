#pragma once
// The rows of a cluster's members in PostgreSQL. Each call is one flight on a connection of its
// own, so that renewing a lease never waits behind documents; one thread at a time.
//
//   read     ── one snapshot
//   renew    ── the member's row, COMMIT, then read: what it reads is not older than the commit
//   replace  ── the members' rows are locked, then one statement with all conditions, which takes
//               the row of the log's number last, COMMIT, then read
//
// The version of the view stands beside the log's number in one row (`meta`), so whoever takes a
// number learns the version of that instant for nothing, and the two have one order. The clock is
// that of the server: it must not be set back while the cluster runs.
#include "runtime/store/member_rows.hpp"

namespace graphrag::runtime {

struct PostgresMemberOptions {
  std::string url;                        // of libpq
  std::chrono::milliseconds timeout{500}; // of a call, with all that it takes
  std::chrono::milliseconds connecting{2'000};
  std::chrono::milliseconds migrating{600'000};
};

// Migrates the database first, as the store does.
Result<std::unique_ptr<MemberRows>> open_postgres_member_rows(const PostgresMemberOptions& options);

} // namespace graphrag::runtime
