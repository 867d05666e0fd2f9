#include "runtime/store/sqlite/migrations.hpp"

// Encoders, the vectors they made (one row per document and model, all chunks in one value), and
// verdicts on names. Older code must not write here: it would keep the vectors of a text that it
// replaced, and sweep the models away as blobs that nobody names.
namespace graphrag::runtime::sqlite {

const Migration migration_models{4, 4, "models", R"sql(
CREATE TABLE models(
  hash TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  dimension INTEGER NOT NULL,
  blob TEXT NOT NULL,
  state INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE embeddings(
  number INTEGER PRIMARY KEY,
  doc INTEGER NOT NULL REFERENCES documents(doc),
  model TEXT NOT NULL,
  dimension INTEGER NOT NULL,
  floats BLOB NOT NULL
);
CREATE UNIQUE INDEX embeddings_by_document ON embeddings(doc, model);
CREATE INDEX embeddings_by_model ON embeddings(model);

CREATE TABLE verdicts(
  collection TEXT NOT NULL REFERENCES collections(name),
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  same INTEGER NOT NULL,
  made_ms INTEGER NOT NULL,
  PRIMARY KEY(collection, first, second)
) WITHOUT ROWID;
ALTER TABLE collections ADD COLUMN verdict_seq INTEGER NOT NULL DEFAULT 0;
)sql"};

} // namespace graphrag::runtime::sqlite
