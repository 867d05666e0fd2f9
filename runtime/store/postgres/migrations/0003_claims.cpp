#include "runtime/store/postgres/migrations.hpp"

// Who works on a queued document, and on a job; and the slot of a document, -1 while it is not
// known: SQL cannot compute it, so the program fills in older rows as it meets them, and those of
// nodes that know of no slots. The columns have constant defaults, so no row is written here. The
// lock on the tables is waited for only shortly: meanwhile all who read would wait behind it.
namespace graphrag::runtime::postgres {

const Migration migration_claims{3, 1, "claims", R"sql(
SET LOCAL lock_timeout = '5s';
ALTER TABLE documents
  ADD COLUMN owner text NOT NULL DEFAULT '',
  ADD COLUMN slot smallint NOT NULL DEFAULT -1;
ALTER TABLE jobs ADD COLUMN owner text NOT NULL DEFAULT '';
)sql"};

} // namespace graphrag::runtime::postgres
