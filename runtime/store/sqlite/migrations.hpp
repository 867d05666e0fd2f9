#pragma once
// The schema and its history. Each migration is one file under migrations/ and runs once, in a
// transaction, in the order of its number.
//
// Changes come as expand, then contract: a release adds what it needs (old code goes on working
// beside it), and only a later release removes what nobody reads any more. `oldest_code` says
// which: the lowest schema number whose code still works on this schema. So a binary opens a newer
// schema exactly when every migration it does not know allows it.
#include <span>

#include "runtime/store/sqlite/connection.hpp"

namespace graphrag::runtime::sqlite {

struct Migration {
  int number;
  int oldest_code;
  const char* name;
  const char* sql;
};

extern const Migration migration_documents;
extern const Migration migration_jobs;
extern const Migration migration_replies;
extern const Migration migration_models;
extern const Migration migration_claims;

std::span<const Migration> migrations();

// Brings an empty or older file up to date. Fails with conflict, and says what to do, when the
// file's schema is too new for this code, and with corrupt when the file is not a store.
Status migrate(Connection& connection, std::int64_t now_ms,
               std::span<const Migration> known = migrations());

} // namespace graphrag::runtime::sqlite
