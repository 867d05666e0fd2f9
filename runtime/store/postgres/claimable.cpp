// Queued documents for workers to choose from.
#include "runtime/store/postgres/columns.hpp"
#include "runtime/store/postgres/postgres_store.hpp"

namespace graphrag::runtime::postgres {

Result<std::vector<Claimable>> PostgresStore::claimable(std::size_t per_collection,
                                                        std::size_t limit,
                                                        std::span<const std::string> busy) {
  // Of each collection the beginning of an index is read, however many documents wait.
  Statement statement(
      "SELECT q.collection, q.id, q.epoch, q.updated_at, q.owner FROM collections c"
      " CROSS JOIN LATERAL ("
      "  SELECT d.collection, d.id, d.epoch, d.updated_at, d.owner,"
      "    row_number() OVER (ORDER BY d.updated_at, d.id) AS round FROM documents d"
      "  WHERE d.collection = c.name AND d.state = 0"
      "    AND (d.owner = '' OR d.owner <> ALL($1))"
      "  ORDER BY d.updated_at, d.id LIMIT $2) q "
      "ORDER BY q.round, q.updated_at, q.collection, q.id LIMIT $3",
      array_of(ArrayOf::text, busy), bounded(per_collection), bounded(limit));
  return rows(std::move(statement), [](const Row& row) {
    return Claimable{{row.text(0), row.text(1)}, row.number(2), row.time_ms(3), row.text(4)};
  });
}

} // namespace graphrag::runtime::postgres
