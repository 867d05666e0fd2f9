#include "runtime/store/postgres/migrations.hpp"

// What each member still needs of the log, so that deletions which nobody needs can be forgotten. A
// column, and not a part of the member's body: older programs take a body with more fields for
// broken. Members of theirs keep the 0, which says that it is not known. The table is locked for an
// instant, and waited for more briefly than a lease lasts.
namespace graphrag::runtime::postgres {

const Migration migration_log_needs{7, 1, "log needs", R"sql(
SET LOCAL lock_timeout = '1s';
ALTER TABLE cluster_member ADD COLUMN needed_after bigint NOT NULL DEFAULT 0;
)sql"};

} // namespace graphrag::runtime::postgres
