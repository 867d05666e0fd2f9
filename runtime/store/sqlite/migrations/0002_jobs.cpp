#include "runtime/store/sqlite/migrations.hpp"

namespace graphrag::runtime::sqlite {

const Migration migration_jobs{2, 1, "jobs", R"sql(
CREATE TABLE jobs(
  id TEXT PRIMARY KEY,
  collection TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  updated_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_by_update ON jobs(updated_ms DESC, id);
CREATE INDEX jobs_by_collection ON jobs(collection);
)sql"};

} // namespace graphrag::runtime::sqlite
