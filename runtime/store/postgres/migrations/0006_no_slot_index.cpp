#include "runtime/store/postgres/migrations.hpp"

// Nodes hold whole collections, so nobody reads a range of slots any more, and every write paid for
// the index. Older programs of schema 4 and 5 do without it too: they ask for fewer slots by
// reading all of the documents.
namespace graphrag::runtime::postgres {

const Migration migration_no_slot_index{6, 1, "no slot index", R"sql(
DROP INDEX IF EXISTS documents_by_slot;
)sql"};

} // namespace graphrag::runtime::postgres
