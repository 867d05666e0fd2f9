#pragma once
// The schema of the PostgreSQL store and its history. Each migration is one file under migrations/
// and runs once, in the order of its number, each in a transaction of its own. One process migrates
// at a time: the others wait for its advisory lock, which ends with its transaction.
//
// Expand, then contract, as in sqlite/migrations.hpp: `oldest_code` is the lowest schema number
// whose code still works on this schema, so nodes of the release before go on working beside a node
// that has migrated. A large index of a later migration must not be built here, in a transaction:
// CREATE INDEX CONCURRENTLY is refused there, and without it writes stand still.
#include <span>

#include "runtime/store/postgres/pool.hpp"

namespace graphrag::runtime::postgres {

struct Migration {
  int number;
  int oldest_code;
  const char* name;
  const char* sql;
};

extern const Migration migration_store;
extern const Migration migration_membership;
extern const Migration migration_claims;
extern const Migration migration_claim_indexes;
extern const Migration migration_cluster_rows;
extern const Migration migration_no_slot_index;
extern const Migration migration_log_needs;

std::span<const Migration> migrations();

// Brings an empty or older database up to date. conflict, and what to do, when its schema is too
// new for this code; corrupt when the tables are somebody else's; invalid_argument when its
// encoding is not UTF8.
Status migrate(Pool& pool, Milliseconds deadline, std::span<const Migration> known = migrations());

} // namespace graphrag::runtime::postgres
