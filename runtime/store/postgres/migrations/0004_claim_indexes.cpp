#include "runtime/store/postgres/migrations.hpp"

// Finds the documents of a range of slots, and the oldest queued ones of a collection. Apart from
// 0003, so that readers do not wait while they are built; writes wait until `documents`, which has
// no texts, has been read twice, measured as 2.6 s for a million documents: short enough to be done
// in a transaction.
namespace graphrag::runtime::postgres {

const Migration migration_claim_indexes{4, 1, "claim indexes", R"sql(
CREATE INDEX documents_by_slot ON documents(slot);
CREATE INDEX documents_claimable ON documents(collection, updated_at, id) WHERE state = 0;
)sql"};

} // namespace graphrag::runtime::postgres
