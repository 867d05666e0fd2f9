#include "runtime/store/sqlite/migrations.hpp"

// Every row is keyed by its collection, directly or through its document. `documents` holds what
// listings need and nothing large; the text of the live version, with the fields that can differ
// from the newest version, is in `texts`. The chunks of a document are numbered
// doc * 2^20 + index, so that they lie side by side and need no index of their own.
//
// A document that was deleted leaves a tombstone until every view has applied it; afterwards its
// version and epoch raise the floor of its slot, so that a document made again goes on from there.
// Slot -1 of a collection is what a drop of the whole collection left.
namespace graphrag::runtime::sqlite {

const Migration migration_documents{1, 1, "documents", R"sql(
CREATE TABLE meta(
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES('last_seq', 0);

CREATE TABLE collections(
  name TEXT PRIMARY KEY,
  created_ms INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  documents INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO collections VALUES('default', CAST(strftime('%s', 'now') AS INTEGER) * 1000, 0, 0);

CREATE TABLE documents(
  doc INTEGER PRIMARY KEY,
  collection TEXT NOT NULL REFERENCES collections(name),
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  live_version INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  change_kind INTEGER NOT NULL,
  state INTEGER NOT NULL,
  made_id INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  chunk_count INTEGER NOT NULL,
  entity_count INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  has_vector INTEGER NOT NULL,
  title TEXT NOT NULL,
  filename TEXT NOT NULL,
  mime TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  blob TEXT NOT NULL,
  error_code TEXT,
  error_detail TEXT,
  error_retryable INTEGER,
  metadata TEXT NOT NULL
);
CREATE UNIQUE INDEX documents_by_key ON documents(collection, id);
CREATE INDEX documents_by_change ON documents(seq) WHERE live_version <> 0;
CREATE INDEX documents_by_update ON documents(collection, updated_ms DESC, id);
CREATE INDEX documents_unfinished ON documents(collection, state, updated_ms) WHERE state <> 1;
CREATE INDEX documents_queued ON documents(updated_ms, collection, id) WHERE state = 0;
CREATE INDEX documents_uploaded ON documents(collection, content_hash, filename)
  WHERE made_id = 1;
CREATE INDEX documents_by_blob ON documents(blob) WHERE blob <> '';

CREATE TABLE texts(
  doc INTEGER PRIMARY KEY REFERENCES documents(doc),
  collection TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  analysis_version INTEGER NOT NULL,
  title TEXT NOT NULL,
  filename TEXT NOT NULL,
  mime TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  blob TEXT NOT NULL,
  metadata TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX texts_by_blob ON texts(blob) WHERE blob <> '';

CREATE TABLE chunks(
  number INTEGER PRIMARY KEY,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  start_point INTEGER NOT NULL,
  end_point INTEGER NOT NULL,
  facts BLOB NOT NULL
);
CREATE UNIQUE INDEX chunks_by_id ON chunks(collection, id);

CREATE TABLE vectors(
  doc INTEGER PRIMARY KEY REFERENCES documents(doc),
  collection TEXT NOT NULL,
  floats BLOB NOT NULL
);

CREATE TABLE tombstones(
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  version INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY(collection, id)
) WITHOUT ROWID;
CREATE INDEX tombstones_by_change ON tombstones(seq);

CREATE TABLE dropped_collections(
  name TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE floors(
  collection TEXT NOT NULL,
  slot INTEGER NOT NULL,
  version INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY(collection, slot)
) WITHOUT ROWID;
)sql"};

} // namespace graphrag::runtime::sqlite
