// Deletions that nobody needs to hear of any more, a few thousand in a transaction.
#include "runtime/store/postgres/postgres_store.hpp"

namespace graphrag::runtime::postgres {
namespace {

constexpr std::int64_t trimmed_at_once = 4096;

// Writers of documents stand still during a round, for no batch may read floors meanwhile; those
// that came before the next one go first. Whether there may be more.
Result<bool> trim_some(Pool& pool, const Times& times, std::uint64_t seq) {
  auto connection = pool.borrow();
  if (!connection) return tl::unexpected(connection.error());
  std::vector<Statement> flight;
  begin_writing(flight, times);
  take_locks(flight, {all_documents_lock(false)});
  const auto deletions = flight.size();
  // Up to the last number of so many deletions, with all of that number: those of one batch more.
  flight.emplace_back(
      "WITH upto AS (SELECT coalesce((SELECT seq FROM tombstones WHERE seq <= $1 "
      "    ORDER BY seq OFFSET $2 - 1 LIMIT 1), $1) AS seq), "
      "gone AS (DELETE FROM tombstones WHERE seq <= (SELECT seq FROM upto) "
      "    RETURNING collection, slot, version, epoch), "
      "raised AS (INSERT INTO floors(collection, slot, version, epoch) "
      "    SELECT collection, slot, max(version), max(epoch) FROM gone GROUP BY collection, slot "
      "    ON CONFLICT(collection, slot) DO UPDATE SET "
      "    version = greatest(floors.version, excluded.version), "
      "    epoch = greatest(floors.epoch, excluded.epoch)) "
      "SELECT count(*) FROM gone",
      seq, trimmed_at_once);
  const auto drops = flight.size();
  flight.emplace_back("DELETE FROM dropped_collections WHERE seq <= $1 AND name IN "
                      "(SELECT name FROM dropped_collections WHERE seq <= $1 LIMIT $2)",
                      seq, trimmed_at_once);
  flight.emplace_back("COMMIT");
  auto answers = (*connection)->fly(flight, times.flight);
  if (!answers) return tl::unexpected((*connection)->failure().error);
  return (*answers)[deletions][0].integer(0) >= trimmed_at_once ||
         (*answers)[drops].changed_rows() >= trimmed_at_once;
}

} // namespace

Status PostgresStore::trim_changes(std::uint64_t seq) {
  for (bool more = true; more;) {
    auto some = trim_some(pool_, times_, seq);
    if (!some) return tl::unexpected(some.error());
    more = *some;
  }
  auto connection = pool_.borrow();
  if (!connection) return tl::unexpected(connection.error());
  std::vector<Statement> flight;
  begin_writing(flight, times_);
  flight.emplace_back("DELETE FROM writers WHERE written_at < now() - interval '7 days'");
  flight.emplace_back("COMMIT");
  if ((*connection)->fly(flight, times_.flight)) return {};
  return tl::unexpected((*connection)->failure().error);
}

} // namespace graphrag::runtime::postgres
