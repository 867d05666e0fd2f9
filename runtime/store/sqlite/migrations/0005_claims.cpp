#include "runtime/store/sqlite/migrations.hpp"

// Who works on a queued document, and on a job. Older code goes on: it knows of no owners.
namespace graphrag::runtime::sqlite {

const Migration migration_claims{5, 4, "claims", R"sql(
ALTER TABLE documents ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
)sql"};

} // namespace graphrag::runtime::sqlite
