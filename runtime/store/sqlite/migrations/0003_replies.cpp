#include "runtime/store/sqlite/migrations.hpp"

// Answers remembered under an Idempotency-Key.
namespace graphrag::runtime::sqlite {

const Migration migration_replies{3, 1, "replies", R"sql(
CREATE TABLE replies(
  number INTEGER PRIMARY KEY,
  collection TEXT NOT NULL REFERENCES collections(name),
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX replies_by_key ON replies(collection, key);
CREATE INDEX replies_by_expiry ON replies(expires_ms);
)sql"};

} // namespace graphrag::runtime::sqlite
