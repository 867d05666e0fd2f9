#include "runtime/store/postgres/migrations.hpp"

// The same rows as the SQLite store keeps, under the specification's names. Texts compare byte by
// byte (COLLATE "C"), as the other adapters do. The text of a live version lies apart from the row
// that listings read. There are no foreign keys: every batch is checked against its own rows before
// it is written, and check() looks for what does not fit.
//
// `writers` has the last batch of each writer, so that one whose connection broke during the commit
// can find out whether it was done. Names that may be long are indexed by their hash, since an
// index takes no more than a third of a page.
namespace graphrag::runtime::postgres {

const Migration migration_store{1, 1, "store", R"sql(
CREATE TABLE meta(
  key text PRIMARY KEY,
  value bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO meta VALUES('last_seq', 0);

CREATE TABLE writers(
  writer text PRIMARY KEY,
  batch bigint NOT NULL,
  previous_seq bigint NOT NULL,
  seq bigint NOT NULL,
  written_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE collections(
  name text COLLATE "C" PRIMARY KEY,
  created_at timestamptz NOT NULL,
  seq bigint NOT NULL,
  verdict_seq bigint NOT NULL DEFAULT 0,
  documents bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO collections(name, created_at, seq, documents)
  VALUES('default', date_trunc('second', now()), 0, 0);

CREATE SEQUENCE document_numbers;
CREATE TABLE documents(
  document_id bigint PRIMARY KEY,
  collection text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  live_version bigint NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  bytes bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  chunk_count bigint NOT NULL,
  entity_count bigint NOT NULL,
  attempts bigint NOT NULL,
  change_kind smallint NOT NULL,
  state smallint NOT NULL,
  made_id boolean NOT NULL,
  has_vector boolean NOT NULL,
  error_retryable boolean NOT NULL,
  title text NOT NULL,
  filename text NOT NULL,
  mime text NOT NULL,
  content_hash text NOT NULL,
  blob text NOT NULL,
  error_code text,
  error_detail text NOT NULL,
  metadata text NOT NULL
);
CREATE UNIQUE INDEX documents_by_key ON documents(collection, id);
CREATE INDEX documents_created_at ON documents(created_at);
CREATE INDEX documents_by_change ON documents(seq) WHERE live_version <> 0;
CREATE INDEX documents_by_update ON documents(collection, updated_at DESC, id);
CREATE INDEX documents_unfinished ON documents(collection, state, updated_at) WHERE state <> 1;
CREATE INDEX documents_queued ON documents(updated_at, collection, id) WHERE state = 0;
CREATE INDEX documents_uploaded ON documents(collection, content_hash) WHERE made_id;
CREATE INDEX documents_by_blob ON documents(blob) WHERE blob <> '';

CREATE TABLE texts(
  document_id bigint PRIMARY KEY,
  collection text COLLATE "C" NOT NULL,
  bytes bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  analysis_version bigint NOT NULL,
  title text NOT NULL,
  filename text NOT NULL,
  mime text NOT NULL,
  content_hash text NOT NULL,
  blob text NOT NULL,
  metadata text NOT NULL,
  text text NOT NULL
);
CREATE INDEX texts_by_collection ON texts(collection);
CREATE INDEX texts_by_blob ON texts(blob) WHERE blob <> '';

CREATE TABLE chunks(
  document_id bigint NOT NULL,
  position bigint NOT NULL,
  start_point bigint NOT NULL,
  end_point bigint NOT NULL,
  collection text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  facts bytea NOT NULL,
  PRIMARY KEY(document_id, position)
);
CREATE UNIQUE INDEX chunks_by_id ON chunks(collection, id);

CREATE TABLE vectors(
  document_id bigint PRIMARY KEY,
  floats bytea NOT NULL
);

CREATE TABLE models(
  hash text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  dimension bigint NOT NULL,
  blob text NOT NULL,
  state smallint NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE embeddings(
  document_id bigint NOT NULL,
  dimension bigint NOT NULL,
  model text COLLATE "C" NOT NULL,
  floats bytea NOT NULL,
  PRIMARY KEY(document_id, model)
);
CREATE INDEX embeddings_by_model ON embeddings(model);

CREATE TABLE verdicts(
  collection text COLLATE "C" NOT NULL,
  first text COLLATE "C" NOT NULL,
  second text COLLATE "C" NOT NULL,
  same boolean NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX verdicts_by_names ON verdicts(collection, md5(first), md5(second));

CREATE TABLE tombstones(
  collection text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  slot bigint NOT NULL,
  version bigint NOT NULL,
  epoch bigint NOT NULL,
  PRIMARY KEY(collection, id)
);
CREATE INDEX tombstones_by_change ON tombstones(seq);

CREATE TABLE dropped_collections(
  name text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL
);

CREATE TABLE floors(
  collection text COLLATE "C" NOT NULL,
  slot bigint NOT NULL,
  version bigint NOT NULL,
  epoch bigint NOT NULL,
  PRIMARY KEY(collection, slot)
);

CREATE TABLE jobs(
  id text COLLATE "C" PRIMARY KEY,
  collection text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  body text NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX jobs_by_update ON jobs(updated_at DESC, id);
CREATE INDEX jobs_by_collection ON jobs(collection);

CREATE TABLE replies(
  collection text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  fingerprint text NOT NULL,
  status bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  body bytea NOT NULL
);
CREATE UNIQUE INDEX replies_by_key ON replies(collection, md5(key));
CREATE INDEX replies_by_expiry ON replies(expires_at);
)sql"};

} // namespace graphrag::runtime::postgres
