#include "runtime/store/postgres/migrations.hpp"

// The rows of the cluster's members as its protocol needs them, in place of those of migration 2,
// which no release has used; and blobs in parts, for clusters without another place for them.
//
// The version of the view stands in the row of the log's last number: the two change in one order,
// and one row's lock is enough to see both.
namespace graphrag::runtime::postgres {

const Migration migration_cluster_rows{5, 1, "cluster rows", R"sql(
ALTER TABLE meta ADD COLUMN view_version bigint NOT NULL DEFAULT 0;
ALTER TABLE writers ADD COLUMN view_version bigint NOT NULL DEFAULT 0;

DROP TABLE cluster_view;
CREATE TABLE cluster_view(
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  seq bigint NOT NULL,
  body bytea NOT NULL
);
INSERT INTO cluster_view(seq, body) VALUES(0, '');

DROP TABLE cluster_member;
CREATE TABLE cluster_member(
  ordinal bigint NOT NULL,
  incarnation bigint NOT NULL,
  renewal bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY(ordinal, incarnation)
) WITH (fillfactor = 50);

CREATE TABLE blobs(
  key text COLLATE "C" PRIMARY KEY,
  parts bigint NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE INDEX blobs_by_age ON blobs(made_at);
CREATE TABLE blob_parts(
  key text COLLATE "C" NOT NULL,
  part bigint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY(key, part)
);
ALTER TABLE blob_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
)sql"};

} // namespace graphrag::runtime::postgres
